"""The town as a file, and as roads."""

from pathlib import Path

import osmium

from fleet import osrm
from fleet.roads import Roads
from fleet.synthetic import osm
from fleet.synthetic.town import town


def test_the_file_holds_the_town_and_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.osm.pbf", tmp_path / "b.osm.pbf"
    osm.write(town(), first)
    osm.write(town(), second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.osm.pbf", "b.osm.pbf"]
    seen = _Seen()
    seen.apply_file(str(first))
    assert (seen.nodes, seen.ways) == (len(town().nodes) + len(town().labels), len(town().ways))
    assert seen.sources == {"synthetic"}


class _Seen(osmium.SimpleHandler):
    def __init__(self) -> None:
        super().__init__()
        self.nodes = self.ways = 0
        self.sources: set[str] = set()

    def node(self, _: osmium.osm.Node) -> None:
        self.nodes += 1

    def way(self, way: osmium.osm.Way) -> None:
        self.ways += 1
        self.sources.add(way.tags["source"])


def test_every_quarter_reaches_every_other_by_road(road_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "synthetic.osm.pbf"
    osm.write(town(), path)
    osrm.build(road_home, path)
    gates = [quarter.gate for quarter in town().quarters[::7]]
    doors = [quarter.doors[0] for quarter in town().quarters[::12]]
    with osrm.Router(road_home) as router:
        roads = Roads(router.url)
        table = roads.table(gates)
        far_m = max(roads.nearest(door).distance_m for door in doors)
        roads.close()
    assert table.basis == "road"
    assert (table.seconds >= 0).all()
    assert table.metres.max() < 20_000
    assert far_m < 120
