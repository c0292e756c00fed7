"""Beats, centres and stop points."""

import itertools

import pytest
import shapely

from fleet import geo
from fleet.synthetic import places
from fleet.synthetic.town import town


def test_ten_beats_tile_the_town() -> None:
    beats = places.beats(town())
    assert [beat.dedicated for beat in beats].count(True) == 2
    assert len(beats) == 10
    shapes = [shapely.Polygon(beat.ring) for beat in beats]
    whole = shapely.unary_union(shapes)
    assert all(shape.is_valid for shape in shapes)
    # No overlap worth the name, and no gap: the corners of long sides are not quite shared.
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=2e-3)
    assert whole.buffer(1e-4).geom_type == "Polygon"
    assert sorted(itertools.chain(*places.PAIRS)) == sorted(beat.code for beat in beats)


def test_each_home_lies_in_a_beat_and_near_a_cell() -> None:
    beats = places.beats(town())
    for quarter in town().quarters:
        assert any(geo.point_in_ring(quarter.doors[0], beat.ring) for beat in beats), quarter.name
    for beat in beats:
        assert 15 <= len(beat.cells) <= 130
        assert all(geo.point_in_ring(cell, beat.ring) for cell in beat.cells)


def test_centres_and_stop_points_are_spread() -> None:
    centres, stops = places.centres(town()), places.stop_points(town())
    assert (len(centres), len(stops)) == (11, 30)
    for spots, apart_m in ((centres, 900), (stops, 500)):
        nearest = [min(geo.haversine_m(a.point, b.point) for b in spots if b is not a) for a in spots]
        assert min(nearest) > apart_m
        assert len({spot.code for spot in spots}) == len(spots)
