"""The base map in a real PostGIS."""

from pathlib import Path

import psycopg
import pytest

from fleet import basemap
from fleet.db import conninfo
from fleet.errors import InvalidInput, Unavailable
from fleet.synthetic import town

DATA = Path(__file__).parents[3] / "shared/data/osm"

SMALL = """<?xml version='1.0'?><osm version="0.6">
<node id="1" version="1" lat="36.45" lon="115.98"/><node id="2" version="1" lat="36.46" lon="115.98"/>
<node id="3" version="1" lat="36.46" lon="115.99"/>
<node id="9" version="1" lat="36.455" lon="115.985"><tag k="place" v="suburb"/><tag k="name" v="北城"/></node>
{way}</osm>
"""
ROAD = (
    '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/>'
    '<tag k="name" v="长江路"/><tag k="name:en" v="Changjiang Road"/><tag k="bridge" v="yes"/></way>'
)
HOSPITAL = (
    '<way id="2" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>'
    '<tag k="amenity" v="hospital"/><tag k="name" v="中医院"/></way>'
)


def _file(folder: Path, way: str, name: str = "small.osm") -> Path:
    path = folder / name
    path.write_text(SMALL.format(way=way))
    return path


def _rows(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(database)) as conn:
        return conn.execute(query.encode()).fetchall()


def test_a_small_file_fills_three_tables_and_says_where_it_is_from(database: str, tmp_path: Path) -> None:
    assert basemap.source(database) is None
    made = basemap.bring(database, _file(tmp_path, ROAD + HOSPITAL), synthetic=False)
    assert made == basemap.source(database)
    assert (made.name, made.synthetic, made.roads, made.areas) == ("small.osm", False, 1, 1)
    assert made.bounds == pytest.approx((115.98, 36.45, 115.98, 36.46), abs=1e-6)
    assert "OpenStreetMap" in made.attribution
    roads = _rows(database, "SELECT kind, name, name_en, rank, bridge, ST_SRID(geom) FROM basemap.road")
    assert roads == [("primary", "长江路", "Changjiang Road", 2, True, 3857)]
    assert _rows(database, "SELECT layer, kind, name FROM basemap.area") == [("care", "hospital", "中医院")]
    labels = _rows(database, "SELECT kind, name FROM basemap.label ORDER BY kind")
    assert labels == [("hospital", "中医院"), ("suburb", "北城")]


def test_a_failed_import_leaves_the_map_as_it_was(database: str, tmp_path: Path) -> None:
    made = basemap.bring(database, _file(tmp_path, ROAD), synthetic=True)
    assert made.attribution == ""
    short = tmp_path / "short.osm"
    short.write_bytes(_file(tmp_path, ROAD).read_bytes()[:-60])
    with pytest.raises(InvalidInput, match=r"short\.osm is cut short or damaged"):
        basemap.bring(database, short, synthetic=False)
    with pytest.raises(InvalidInput, match=r"No road was found in bare\.osm"):
        basemap.bring(database, _file(tmp_path, HOSPITAL, "bare.osm"), synthetic=False)
    with pytest.raises(InvalidInput, match="There is no file"):
        basemap.bring(database, tmp_path / "none.osm.pbf", synthetic=False)
    assert basemap.source(database) == made
    left = _rows(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'basemap%'")
    assert left == [(1,)]


def test_the_invented_town_is_drawn_and_replaces_what_was_there(database: str, tmp_path: Path) -> None:
    basemap.bring(database, _file(tmp_path, ROAD), synthetic=False)
    path = tmp_path / "synthetic.osm.pbf"
    town.write(path)
    made = basemap.bring(database, path, synthetic=True)
    assert made.synthetic
    assert made.roads > 1000
    layers = {row[0] for row in _rows(database, "SELECT DISTINCT layer FROM basemap.area")}
    assert layers == {"water", "green", "building", "care", "land"}
    ranks = {row[0] for row in _rows(database, "SELECT DISTINCT rank FROM basemap.road")}
    assert ranks == {2, 3, 4, 5, 6, 7}
    bridges = _rows(database, "SELECT count(*) FROM basemap.road WHERE bridge")
    assert bridges != [(0,)]
    indexes = _rows(database, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'basemap'")
    assert indexes >= [(5,)]


@pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside the project")
@pytest.mark.parametrize(
    ("name", "west"),
    [("beijing_haidian_tsinghua_2017.osm.gz", 116.3), ("liechtenstein-2013-08-03.osm.pbf", 9.4)],
)
def test_real_extracts_become_the_map_and_cut_short_they_do_not(
    database: str, tmp_path: Path, name: str, west: float
) -> None:
    made = basemap.bring(database, DATA / name, synthetic=False)
    assert made.roads > 300
    assert made.bounds[0] == pytest.approx(west, abs=0.15)
    short = tmp_path / name
    short.write_bytes((DATA / name).read_bytes()[:150_000])
    with pytest.raises(InvalidInput, match="cut short"):
        basemap.bring(database, short, synthetic=False)
    assert basemap.source(database) == made


def test_without_osm2pgsql_or_a_database_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path, ROAD)
    nowhere = f"postgresql://carevan@/carevan?host={tmp_path}"
    with pytest.raises(Unavailable, match="does not answer"):
        basemap.bring(nowhere, path, synthetic=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="osm2pgsql is not installed"):
        basemap.bring(nowhere, path, synthetic=False)
