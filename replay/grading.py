"""How well a stop is proved: points of 0 to 100 from dwell, distance, order and proof, and a grade. Pure.

The formula stands in `docs/evidence.md`. More dwell, a stay or a tap that is closer, an order that is kept
and any further proof never cost a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from replay.facts import Outcome

Grade = Literal["A", "B", "C", "D"]

MOST: Final = {
    "dwell": 30,
    "distance": 25,
    "order": 10,
    "tap": 15,
    "picture": 12,
    "position": 5,
    "reading": 3,
}
LEAST: Final[tuple[tuple[Grade, int], ...]] = (("A", 90), ("B", 70), ("C", 50), ("D", 0))
DWELL_FULL: Final = 0.9
"""The share of the planned dwell that earns all points: a track sees a little less than was stood."""
UNOPENED_S: Final = 120.0
"""The dwell that is asked for at a door which nobody opened."""
DOOR_M: Final = 30.0
STREET_M: Final = 150.0
TAP_DOOR_M: Final = 150.0
TAP_NEAR_M: Final = 300.0
TAP_FAR_M: Final = 2_000.0
NEAR_AT_MOST: Final = 69
FAR_AT_MOST: Final = 49


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a tapped stop.

    Parameters
    ----------
    planned_s, dwell_s : what was planned and what the track shows
    distance_m : from its stay to the stop; None where the van made no stay for it
    in_order : None without a stay
    track_m : from the stop to the van, by its track, when the tap was made; None where the track is silent
    own_m : the same by the terminal's own position
    """

    outcome: Outcome
    planned_s: float
    dwell_s: float
    distance_m: float | None
    in_order: bool | None
    track_m: float | None
    own_m: float | None
    has_picture: bool
    has_reading: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the sum: what it earned, of how much, and the measured value behind it.

    ``cap`` is a line as well, with points below zero: all lines' points add up to the score.
    """

    part: str
    points: int
    of: int
    value: float | bool | None


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade, its points 0-100, and how they came about."""

    grade: Grade
    score: int
    parts: tuple[Part, ...]


def grade(proof: Proof) -> Graded:
    """Grade a tapped stop."""
    asked_s = proof.planned_s if proof.outcome == "served" else min(proof.planned_s, UNOPENED_S)
    # A van that handed something over without a stay was at least seen passing when it was tapped.
    away_m = min((each for each in (proof.distance_m, proof.track_m) if each is not None), default=None)
    shares: tuple[tuple[str, float, float | bool | None], ...] = (
        ("dwell", _filled(proof.dwell_s, DWELL_FULL * asked_s), round(proof.dwell_s)),
        ("distance", _near(away_m, DOOR_M, STREET_M), _whole(away_m)),
        ("order", 1.0 if proof.in_order else 0.0, proof.in_order),
        ("tap", _near(proof.track_m, TAP_DOOR_M, TAP_NEAR_M), _whole(proof.track_m)),
        ("picture", 1.0 if proof.has_picture else 0.0, proof.has_picture),
        ("position", _near(proof.own_m, TAP_DOOR_M, TAP_NEAR_M), _whole(proof.own_m)),
        ("reading", 1.0 if proof.has_reading else 0.0, proof.has_reading),
    )
    parts = [Part(name, int(MOST[name] * share), MOST[name], value) for name, share, value in shares]
    earned = sum(part.points for part in parts)
    most, tapped_m = _cap(proof)
    score = min(earned, most)
    if score < earned:
        parts.append(Part("cap", score - earned, 0, tapped_m))
    return Graded(grade_of(score), score, tuple(parts))


def grade_of(score: int) -> Grade:
    """The grade of a score 0-100."""
    return next(letter for letter, least in LEAST if score >= least)


def _cap(proof: Proof) -> tuple[int, float | None]:
    """What a tap that was made far away can come to at most, however well the van stood before or after."""
    known = [each for each in (proof.track_m, proof.own_m) if each is not None]
    worst_m = max(known, default=0.0)
    most = FAR_AT_MOST if worst_m > TAP_FAR_M else NEAR_AT_MOST if worst_m > TAP_NEAR_M else 100
    return most, _whole(worst_m)


def _filled(value: float, full: float) -> float:
    if value <= 0:
        return 0.0
    return 1.0 if full <= 0 else min(1.0, value / full)


def _near(value: float | None, full: float, nothing: float) -> float:
    if value is None:
        return 0.0
    return min(1.0, max(0.0, (nothing - value) / (nothing - full)))


def _whole(metres: float | None) -> float | None:
    return None if metres is None else round(metres)
