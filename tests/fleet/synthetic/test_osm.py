"""The town as a file, and as roads."""

from pathlib import Path

import osmium
import pytest

from fleet import osrm
from fleet.roads import Roads
from fleet.synthetic import osm
from fleet.synthetic.town import town


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "synthetic.osm.pbf"
    osm.write(town(), path)
    return path


def test_the_file_holds_the_town_and_is_the_same_each_time(file: Path, tmp_path: Path) -> None:
    osm.write(town(), tmp_path / "again.osm.pbf")
    assert (tmp_path / "again.osm.pbf").read_bytes() == file.read_bytes()
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    seen = _Seen()
    seen.apply_file(str(file))
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


def test_every_quarter_reaches_every_other_by_road(road_home: Path, file: Path) -> None:
    osrm.build(road_home, file)
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
