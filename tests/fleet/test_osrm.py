"""OSRM's tools: what they build, what they refuse, and the server's life."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from fleet import osrm
from fleet.errors import InvalidInput, Unavailable

DATA = Path(__file__).parents[3] / "shared/data/osm"

CROSS = """<?xml version='1.0'?><osm version="0.6">
<node id="1" version="1" lat="36.45" lon="115.98"/><node id="2" version="1" lat="36.46" lon="115.98"/>
<node id="3" version="1" lat="36.46" lon="115.99"/><node id="4" version="1" lat="36.45" lon="115.99"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="{key}" v="{value}"/></way></osm>
"""


@pytest.fixture(scope="module")
def cross(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("osm") / "cross.osm"
    path.write_text(CROSS.format(key="highway", value="residential"))
    return path


def test_the_tools_stand_with_hashes_and_name_no_host() -> None:
    text = osrm.REQUIREMENTS.read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_a_graph_is_built_once_and_becomes_current(road_home: Path, cross: Path) -> None:
    base = osrm.build(road_home, cross)
    assert osrm.current(road_home) == base
    made = base.with_name(base.name + ".cell_metrics").stat().st_mtime_ns
    assert osrm.build(road_home, cross) == base
    assert base.with_name(base.name + ".cell_metrics").stat().st_mtime_ns == made
    assert [p.name for p in (road_home / "roads").iterdir() if p.name.startswith("new-")] == []


def test_a_damaged_file_is_refused_and_the_roads_in_use_stay(
    road_home: Path, cross: Path, tmp_path: Path
) -> None:
    base = osrm.build(road_home, cross)
    short = tmp_path / "short.osm"
    short.write_bytes(cross.read_bytes()[:-40])
    with pytest.raises(InvalidInput, match=r"short\.osm is cut short or damaged"):
        osrm.build(road_home, short)
    no_pbf = tmp_path / "text.osm.pbf"
    no_pbf.write_text("hello")
    with pytest.raises(InvalidInput, match="damaged"):
        osrm.build(road_home, no_pbf)
    assert osrm.current(road_home) == base


def test_a_file_without_roads_or_of_another_kind_is_refused(road_home: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.osm"
    bare.write_text(CROSS.format(key="building", value="yes"))
    with pytest.raises(InvalidInput, match=r"No drivable road was found in bare\.osm"):
        osrm.build(road_home, bare)
    with pytest.raises(InvalidInput, match="There is no file"):
        osrm.build(road_home, tmp_path / "none.osm.pbf")
    other = tmp_path / "roads.shp"
    other.touch()
    with pytest.raises(InvalidInput, match="not an OpenStreetMap extract"):
        osrm.build(road_home, other)


def test_without_tools_or_roads_it_says_what_to_run(cross: Path, tmp_path: Path) -> None:
    assert not osrm.installed(tmp_path)
    assert osrm.current(tmp_path) is None
    with pytest.raises(Unavailable, match=r"\./carevan"):
        osrm.build(tmp_path, cross)
    with pytest.raises(Unavailable, match="roads import"):
        osrm.Router(tmp_path).start()


@pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside the project")
@pytest.mark.parametrize("name", ["beijing_haidian_tsinghua_2017.osm.gz", "liechtenstein-2013-08-03.osm.pbf"])
def test_real_extracts_build_and_cut_short_they_do_not(road_home: Path, tmp_path: Path, name: str) -> None:
    osrm.build(road_home, DATA / name)
    with osrm.Router(road_home) as router:
        assert httpx2.get(f"{router.url}/nearest/v1/driving/9.52,47.14").json()["code"] == "Ok"
    short = tmp_path / name
    short.write_bytes((DATA / name).read_bytes()[:200_000])
    with pytest.raises(InvalidInput, match="cut short"):
        osrm.build(road_home, short)


def test_the_server_starts_stops_and_comes_back_on_its_port(road_home: Path, cross: Path) -> None:
    osrm.build(road_home, cross)
    with osrm.Router(road_home) as router:
        url = router.url
        assert router.pid
        assert router.start() == url
        assert router.restart() == url
        assert httpx2.get(f"{url}/nearest/v1/driving/115.98,36.455").json()["code"] == "Ok"
    assert not router.alive
    router.stop()


def test_a_broken_graph_gives_a_sentence_not_a_wait(road_home: Path, cross: Path, tmp_path: Path) -> None:
    broken = tmp_path / "roads/x"
    broken.mkdir(parents=True)
    (broken / "roads.osrm.cell_metrics").touch()
    (tmp_path / "roads/current").symlink_to("x")
    (tmp_path / "osrm").symlink_to(road_home / "osrm")
    router = osrm.Router(tmp_path)
    with pytest.raises(Unavailable, match="does not start"):
        router.start()
    assert not router.alive


def test_the_server_dies_with_its_parent(road_home: Path, cross: Path) -> None:
    osrm.build(road_home, cross)
    program = (
        "import sys, pathlib; from fleet import osrm\n"
        "router = osrm.Router(pathlib.Path(sys.argv[1])); router.start()\n"
        "print(router.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(road_home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    watch = os.pidfd_open(pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    import select

    readable, _, _ = select.select([watch], [], [], 10)
    os.close(watch)
    assert readable == [watch]
