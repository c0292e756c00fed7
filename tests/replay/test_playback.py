"""Playing a day again: positions, gaps, stays and the playing head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m
from replay.playback import (
    GAP_MS,
    Player,
    Span,
    Track,
    delta_decode,
    delta_encode,
    frames,
    position_at,
)

_point = st.tuples(st.floats(115.9, 116.1), st.floats(36.4, 36.5))


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """Short tracks with and without gaps."""
    steps = draw(st.lists(st.integers(1, 2 * GAP_MS), max_size=12))
    times = [sum(steps[: n + 1]) for n in range(len(steps))]
    return Track(tuple(times), tuple(draw(st.lists(_point, min_size=len(times), max_size=len(times)))))


def test_a_van_glides_between_fixes() -> None:
    track = Track((0, 10_000), ((116.0, 36.0), (116.1, 36.0)))
    middle = position_at(track, 2_500)
    assert middle is not None
    assert middle.point == pytest.approx((116.025, 36.0))
    assert middle.heading_deg == pytest.approx(90, abs=0.1)
    assert middle.standing == "moving"


def test_a_gap_is_not_guessed() -> None:
    track = Track((0, GAP_MS + 1), ((116.0, 36.0), (116.1, 36.0)))
    middle = position_at(track, 1000)
    assert middle is not None
    assert (middle.point, middle.standing) == ((116.0, 36.0), "gap")


def test_an_empty_track_has_no_position() -> None:
    assert position_at(Track((), ()), 5) is None


def test_what_is_no_track_is_refused() -> None:
    with pytest.raises(ValueError, match="increase strictly"):
        Track((1, 1), ((0, 0), (0, 0)))
    with pytest.raises(ValueError, match="a point for each time"):
        Track((1,), ())


@given(tracks())
def test_at_each_fix_the_van_is_there(track: Track) -> None:
    for t_ms, point in zip(track.t_ms, track.points, strict=True):
        position = position_at(track, t_ms)
        assert position is not None
        assert position.point == point


@given(tracks(), st.integers(-1000, 30 * GAP_MS))
def test_a_van_is_never_off_the_line_between_its_fixes(track: Track, t_ms: int) -> None:
    position = position_at(track, t_ms)
    if position is None:
        return
    legs = zip(track.points, track.points[1:], strict=False)
    detours = [
        haversine_m(a, position.point) + haversine_m(position.point, b) - haversine_m(a, b) for a, b in legs
    ]
    assert position.point in track.points or min(detours) < 1


_span = st.tuples(st.integers(0, 1000), st.integers(1, 100_000)).map(lambda p: Span(p[0], p[0] + p[1]))


@given(_span, st.lists(st.tuples(st.sampled_from("psk>"), st.floats(0, 5), st.floats(-10, 120_000))))
def test_the_head_never_jumps_but_by_seeking(span: Span, acts: list[tuple[str, float, float]]) -> None:
    player, wall_s = Player(span, span.start_ms), 0.0
    for act, later_s, value in acts:
        wall_s += later_s
        before = player.head_ms(wall_s)
        match act:
            case "p":
                player = player.play(wall_s)
                before = span.start_ms if before >= span.end_ms else before
            case "s":
                player = player.pause(wall_s)
            case "k":
                player = player.seek(value, wall_s)
                before = min(max(value, span.start_ms), span.end_ms)
            case _:
                player = player.at_speed(value, wall_s)
                assert 1 <= player.speed <= 60
        assert player.head_ms(wall_s) == pytest.approx(before)
        assert span.start_ms <= player.head_ms(wall_s + 1) <= span.end_ms


def test_sixty_times_as_fast() -> None:
    player = Player(Span(0, 10**9), 0).at_speed(60, 0).play(100)
    assert player.head_ms(110) == 600_000
    assert player.pause(110).head_ms(500) == 600_000


def test_frames_cover_the_span() -> None:
    track = Track((0, 10_000), ((116.0, 36.0), (116.1, 36.0)))
    day = list(frames({3: track, 4: Track((), ())}, Span(0, 10_000), every_ms=4000))
    assert [t_ms for t_ms, _ in day] == [0, 4000, 8000, 10_000]
    assert all(set(vans) == {3} for _, vans in day)
    with pytest.raises(ValueError, match="more than nothing"):
        next(frames({}, Span(0, 1), every_ms=0))


@given(st.lists(st.integers()))
def test_deltas_survive(values: list[int]) -> None:
    assert delta_decode(delta_encode(values)) == values
