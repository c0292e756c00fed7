"""Distances, rings, cells and datum shifts."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import geo

VECTORS = Path(__file__).parents[3] / "shared/data/protocol/gcj02_vectors.json"
HERE = (115.98, 36.45)

anywhere = st.tuples(st.floats(-179, 179), st.floats(-85, 85))
in_china = st.tuples(st.floats(75, 135), st.floats(5, 53))
nearby = st.tuples(st.floats(115.9, 116.1), st.floats(36.3, 36.6))


def test_a_degree_of_latitude_is_about_111_km() -> None:
    assert geo.haversine_m((116, 36), (116, 37)) == pytest.approx(111_195, rel=1e-4)
    assert geo.haversine_m((0, 0), (180, 0)) == pytest.approx(math.pi * geo.EARTH_RADIUS_M)


@given(anywhere, anywhere)
def test_distance_is_symmetric_and_not_negative(a: geo.LonLat, b: geo.LonLat) -> None:
    assert geo.haversine_m(a, b) == pytest.approx(geo.haversine_m(b, a), abs=1e-6)
    assert geo.haversine_m(a, b) >= 0
    assert geo.haversine_m(a, a) == 0


@given(anywhere, anywhere, anywhere)
def test_a_detour_is_never_shorter(a: geo.LonLat, b: geo.LonLat, c: geo.LonLat) -> None:
    assert geo.haversine_m(a, c) <= geo.haversine_m(a, b) + geo.haversine_m(b, c) + 1e-3


@given(nearby, st.floats(0, 359.9), st.floats(1, 20_000))
def test_destination_lies_at_the_distance_and_bearing_asked(
    a: geo.LonLat, heading: float, far_m: float
) -> None:
    b = geo.destination(a, heading, far_m)
    assert geo.haversine_m(a, b) == pytest.approx(far_m, rel=1e-6, abs=1e-3)
    turn = abs((geo.bearing_deg(a, b) - heading + 180) % 360 - 180)
    assert turn < 0.1


@pytest.mark.parametrize(("to", "heading_deg"), [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), 270)])
def test_bearings_run_clockwise_from_north(to: geo.LonLat, heading_deg: float) -> None:
    assert geo.bearing_deg((0, 0), to) == pytest.approx(heading_deg)


@given(anywhere, anywhere)
def test_a_bearing_is_within_the_turn(a: geo.LonLat, b: geo.LonLat) -> None:
    assert 0 <= geo.bearing_deg(a, b) < 360


def test_point_in_ring_open_closed_and_concave() -> None:
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    notched = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)]
    assert geo.point_in_ring((1, 1), square)
    assert geo.point_in_ring((1, 1), [*square, square[0]])
    assert not geo.point_in_ring((3, 1), square)
    assert not geo.point_in_ring((-1, 1), square)
    assert not geo.point_in_ring((2, 3), notched)
    assert geo.point_in_ring((0.3, 2), notched)
    assert not geo.point_in_ring((0, 0), [])
    assert geo.in_any_ring((1, 1), [notched, square])
    assert not geo.in_any_ring((9, 9), [notched, square])


def test_point_along_walks_the_path_and_stops_at_its_ends() -> None:
    path = [(116.0, 36.0), (116.0, 36.01), (116.01, 36.01)]
    length = geo.path_length_m(path)
    assert geo.point_along(path, -5) == path[0]
    assert geo.point_along(path, length + 5) == path[-1]
    assert geo.haversine_m(path[0], geo.point_along(path, 500)) == pytest.approx(500, abs=0.01)
    assert geo.path_length_m(path[:1]) == 0
    assert geo.point_along(path[:1], 9) == path[0]
    with pytest.raises(ValueError, match="path"):
        geo.point_along([], 1)


@given(anywhere, st.floats(20, 2000))
def test_a_snapped_point_stays_near_and_snaps_to_itself(point: geo.LonLat, cell_m: float) -> None:
    cell = geo.snap_to_cell(point, cell_m)
    assert geo.haversine_m(point, cell) <= cell_m * 0.75
    assert geo.haversine_m(cell, geo.snap_to_cell(cell, cell_m)) < 0.01


def test_cells_fill_a_ring_evenly() -> None:
    ring = [HERE, geo.destination(HERE, 90, 2000), geo.destination(geo.destination(HERE, 90, 2000), 0, 1000)]
    ring.append(geo.destination(HERE, 0, 1000))
    cells = geo.cells_within(ring, 200)
    assert len(cells) == pytest.approx(50, abs=6)
    assert all(geo.point_in_ring(cell, ring) for cell in cells)
    assert geo.haversine_m(cells[0], cells[1]) == pytest.approx(200, rel=0.01)
    assert len(geo.cells_within(ring, 50_000)) == 1


def test_bounds_of_points_and_of_none() -> None:
    assert geo.bounds([(1, 5), (3, 2)]) == (1, 2, 3, 5)
    with pytest.raises(ValueError, match="bounds"):
        geo.bounds([])


# One point, both ways, from the public vectors of eviltransform (BSD-2).
def test_gcj02_of_a_known_point() -> None:
    lon, lat = geo.wgs84_to_gcj02((121.5272106, 31.1774276))
    assert (lon, lat) == pytest.approx((121.531541859215, 31.17530398364597), abs=1e-9)
    assert geo.gcj02_to_wgs84((lon, lat)) == pytest.approx((121.5272106, 31.1774276), abs=1e-9)


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared data folder is not beside the project")
def test_gcj02_reproduces_the_shared_vectors() -> None:
    for case in json.loads(VECTORS.read_text())["wgs_to_gcj"]:
        lat, lon = case["wgs"]
        expected = (case["gcj"][1], case["gcj"][0])
        # One longitude stands a whole 1e-6 beside its publisher's own: 0.1 m, the file's stated digit.
        assert geo.wgs84_to_gcj02((lon, lat)) == pytest.approx(expected, abs=1e-6)


# WGS-84, then GCJ-02 and BD-09 as gcoord 1.0.7 (MIT) computes them: `transform(point, WGS84, GCJ02 | BD09)`.
_GCOORD = (
    (
        (116.377817, 39.911954),
        (116.38404722455657, 39.91334545536069),
        (116.39045471310828, 39.91957555096588),
    ),
    (
        (113.912316, 22.543847),
        (113.9171764808363, 22.540796131694766),
        (113.92368472926734, 22.546667437751108),
    ),
    (
        (121.5272106, 31.1774276),
        (121.531541859215, 31.17530398364597),
        (121.53801568643858, 31.18132860687446),
    ),
    ((115.98, 36.45), (115.98566284159149, 36.45006904548964), (115.99224833975065, 36.45573027599464)),
    ((87.6168, 43.8256), (87.61964994946926, 43.82680539311119), (87.62609977081571, 43.83294979479329)),
    ((126.535, 45.8038), (126.54104035015793, 45.80578152514843), (126.54765921413988, 45.811395822940284)),
    ((104.0657, 30.6595), (104.06820739998749, 30.657079144677592), (104.0747017028295, 30.663109266260737)),
)


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), _GCOORD)
def test_both_shifts_agree_with_gcoord_there_and_back(
    wgs84: geo.LonLat, gcj02: geo.LonLat, bd09: geo.LonLat
) -> None:
    assert geo.wgs84_to_gcj02(wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert geo.gcj02_to_bd09(gcj02) == pytest.approx(bd09, abs=1e-9)
    assert geo.to_wgs84(gcj02, "gcj02") == pytest.approx(wgs84, abs=1e-7)
    assert geo.to_wgs84(bd09, "bd09") == pytest.approx(wgs84, abs=1e-7)


@given(in_china)
def test_datum_shifts_come_back_and_move_under_a_kilometre_or_so(point: geo.LonLat) -> None:
    shifted = geo.wgs84_to_gcj02(point)
    assert geo.to_wgs84(shifted, "gcj02") == pytest.approx(point, abs=1e-9)
    assert geo.haversine_m(point, shifted) < 2_000
    baidu = geo.gcj02_to_bd09(shifted)
    assert geo.bd09_to_gcj02(baidu) == pytest.approx(shifted, abs=1e-9)
    assert geo.to_wgs84(baidu, "bd09") == pytest.approx(point, abs=1e-8)
    assert geo.to_wgs84(point, "wgs84") == point


@pytest.mark.parametrize("point", [(9.5, 47.1), (-70.0, -30.0), (151.2, -33.8)])
def test_nothing_moves_outside_the_shifted_rectangle(point: geo.LonLat) -> None:
    assert geo.wgs84_to_gcj02(point) == point == geo.gcj02_to_wgs84(point)
