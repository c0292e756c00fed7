"""The levels of the objective as one whole number, for a search that can only add up.

Each level weighs more than all that the levels below it can come to, so that none buys a higher one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.problem import Problem, Visit

OFF_BEAT = 25
"""Seconds of driving that a second off the beat is worth: patrol owed stands above driving."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What leaving out a cup, a point of prize, a mandatory visit, a call for help costs, in seconds."""

    cup: int
    prize: int
    mandatory: int
    sos: int

    def penalty(self, visit: Visit) -> int:
        """The price of leaving a visit out."""
        if visit.sos:
            return self.sos
        if visit.mandatory:
            return self.mandatory
        own = self.prize * visit.prize if visit.kind == "visit" else 0
        return own + self.cup * visit.cups


def weights_of(problem: Problem) -> Weights:
    """Weights that keep the levels apart in this problem."""
    cup = (1 + OFF_BEAT) * sum(van.ends_s - van.starts_s for van in problem.vans) + 1
    prize = cup * (1 + sum(visit.cups for visit in problem.visits))
    optional = sum(v.prize for v in problem.visits if v.kind == "visit" and not v.mandatory)
    mandatory = prize * (1 + optional)
    duties = sum(visit.mandatory for visit in problem.visits)
    return Weights(cup, prize, mandatory, mandatory * (1 + duties))


def leg_costs(problem: Problem, van: int) -> npt.NDArray[np.int64]:
    """The lowest level for each leg: its driving, and more for what is off the beat.

    Time off the beat is what leaves patrol owed, so a van is drawn to the visits of its own beats.
    """
    one = problem.vans[van]
    driving = problem.seconds.astype(np.int64)
    if one.inside is None or one.in_beat_s is None:
        return driving
    service = np.zeros(len(problem.sites), dtype=np.int64)
    for visit in problem.visits:
        service[visit.site] = max(service[visit.site], visit.service_s)
    outside = np.where(one.inside, 0, service)
    return driving + OFF_BEAT * (driving - one.in_beat_s + outside[np.newaxis, :])
