"""A day on the roads of the synthetic town, under a real road server; and without one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fleet import geo, osrm
from fleet.geo import LonLat
from fleet.roads import MATCH_FIXES, MatchedLeg, Roads
from fleet.settings import Settings
from fleet.synthetic import town
from tests.tracking.test_track import T0_MS, Row, fixes_of
from tracking import matching
from tracking.matching import match_day
from tracking.track import Track, choose

# Across the town and back, with a call in between.
_STOPS: tuple[LonLat, ...] = ((116.005, 36.450), (116.065, 36.480), (116.015, 36.475))
_CALL_S = 300


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roads]:
    tools = Settings().home
    if not osrm.installed(tools):
        pytest.skip(f"OSRM's tools are not installed in {tools / 'osrm'}: run ./carevan once")
    home = tmp_path_factory.mktemp("matching-home")
    (home / "osrm").symlink_to(tools / "osrm")
    source: Path = home / "town.osm.pbf"
    town.write(source)
    osrm.build(home, source)
    with osrm.Router(home) as router:
        client = Roads(router.url)
        yield client
        client.close()


def _driven(roads: Roads, every_s: int = 1, off_m: float = 8.0) -> tuple[Track, float]:
    """Fixes of a drive along the roads to each stop, off by a noise, and its true length."""
    draw = np.random.default_rng(5)
    rows: list[Row] = []
    second, metres = 0, 0.0
    for a, b in itertools.pairwise(_STOPS):
        line = roads.route([a, b])
        metres += line.metres
        for offset in range(0, int(line.offsets_s[-1]) + 1, every_s):
            gone = float(np.interp(offset, line.offsets_s, np.arange(len(line.points))))
            n = min(int(gone), len(line.points) - 2)
            share = gone - n
            place = tuple(
                p + (q - p) * share for p, q in zip(line.points[n], line.points[n + 1], strict=True)
            )
            rows.append(_blurred(draw, second, (place[0], place[1]), off_m))
            second += every_s
        for _ in range(0, _CALL_S, every_s):
            rows.append(_blurred(draw, second, line.points[-1], off_m))
            second += every_s
    return choose(fixes_of(rows)), metres


def _blurred(draw: np.random.Generator, second: int, place: LonLat, off_m: float) -> Row:
    lon, lat = geo.destination(place, draw.uniform(0, 360), abs(draw.normal(0, off_m)))
    return Row(second, lon, lat)


@pytest.mark.process
@pytest.mark.parametrize("every_s", [1, 5])
def test_a_day_is_laid_onto_the_roads_that_were_driven(roads: Roads, every_s: int) -> None:
    track, metres = _driven(roads, every_s)
    day = match_day(track, roads)
    assert day.basis == "road"
    assert day.share_matched > 0.95
    assert len(day.lines) == 2, "one a trip"
    assert day.metres == pytest.approx(metres, rel=0.01)
    for line in day.lines:
        assert list(line.t_ms) == sorted(line.t_ms)
        assert len(line.points) == len(line.t_ms)
        assert geo.path_length_m(line.points) == pytest.approx(line.metres, rel=0.02, abs=20)
        assert all(roads.nearest(point).distance_m < 2 for point in line.points[::50])


@pytest.mark.process
def test_no_way_is_guessed_over_a_long_silence(roads: Roads) -> None:
    track, metres = _driven(roads)
    gone = (track.t_ms - T0_MS) / 1000
    silent = (gone < 60) | (gone > 60 + 100)
    # As the silence is longer than 90 s here, the trip is two lines.
    day = match_day(track.take(silent), roads, gap_s=90)
    over = [
        (a, b)
        for line in day.lines
        for a, b in itertools.pairwise(line.t_ms)
        if a <= T0_MS + 59_000 and b >= T0_MS + 161_000
    ]
    assert over == []
    assert len(day.lines) == 3
    assert day.metres < 0.95 * metres


def test_without_roads_the_lines_are_straight_and_it_is_said() -> None:
    rows = [Row(5 * n, 116.05 + 0.0005 * n) for n in range(300)]
    track = choose(fixes_of(rows))
    client = Roads("")
    day = match_day(track, client)
    client.close()
    assert (day.basis, day.share_matched) == ("great-circle", 0.0)
    (line,) = day.lines
    assert line.points[0] == (116.05, 36.05)
    assert day.metres == pytest.approx(299 * 0.0005 * 89_900, rel=0.01)


def test_nothing_is_matched_of_an_empty_track() -> None:
    client = Roads("")
    assert match_day(choose(fixes_of([])), client).lines == ()
    client.close()


def _leg(first: int, last: int) -> MatchedLeg:
    return MatchedLeg(first, last, ((116.0 + first, 36.0), (116.0 + last, 36.0)), float(last - first))


def test_parts_are_joined_once_and_without_a_hole() -> None:
    whole = [_leg(n, n + 1) for n in range(MATCH_FIXES - 1)]
    start = MATCH_FIXES - matching.OVERLAP
    more = [_leg(n, n + 1) for n in range(start, start + 40)]
    seam = start + matching.OVERLAP // 2
    joined = matching._joined(whole, more, seam)
    assert [(leg.first, leg.last) for leg in joined] == [(n, n + 1) for n in range(start + 40)]
    # Where the middle of the overlap fits no road in one of the parts, they are joined beside it.
    late = [leg for leg in more if leg.first >= seam + 3]
    assert matching._joined(whole, late, seam) == joined
    assert matching._joined([], more, 0) == more
