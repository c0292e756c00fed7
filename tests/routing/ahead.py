"""Districts to look ahead in, small and drawn by Hypothesis: people, cadences, a ledger, vans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from hypothesis import strategies as st

from fleet.registry import Cadence, Recipient
from routing.horizon import Ahead, VanTime, look_ahead

FIRST = date(2026, 1, 5)
_SKILLS = (frozenset[str](), frozenset({"care"}))
GAPS = {"check": (1, 0.5, 1.5, 300), "visit": (7, 5, 9, 1200), "monthly": (14, 10, 18, 3600)}


@dataclass(frozen=True, slots=True)
class Small:
    """A small district."""

    people: tuple[Recipient, ...]
    cadences: tuple[Cadence, ...]
    last: dict[tuple[int, str], date]
    clusters: dict[int, int]
    vans: tuple[tuple[VanTime, ...], ...]

    def ahead(self) -> Ahead:
        return look_ahead(self.people, self.cadences, self.last, self.clusters, FIRST, self.vans)


def person(n: int, risk: int = 1) -> Recipient:
    """Somebody."""
    return Recipient(n, f"E{n}", "刘淑珍", 1940, n, None, risk, False, time(12), time(14))


def cadence(n: int, who: int, channel: str, **more: object) -> Cadence:
    """A cadence with its channel's usual gaps."""
    target, least, most, service_s = GAPS[channel]
    plain: dict[str, object] = {
        "id": n, "recipient_id": who, "channel": channel, "target_days": target, "min_days": least,
        "max_days": most, "service_s": service_s, "skills": (), "mandatory": False, "own": False,
    }  # fmt: skip
    return Cadence(**{**plain, **more})  # type: ignore[arg-type]


@st.composite
def smalls(draw: st.DrawFn) -> Small:
    """A district of up to six people, whose calls were made or not, with vans for some days or none."""
    people: list[Recipient] = []
    cadences: list[Cadence] = []
    clusters: dict[int, int] = {}
    last: dict[tuple[int, str], date] = {}
    for n in range(1, draw(st.integers(1, 6)) + 1):
        people.append(person(n, draw(st.integers(1, 5))))
        clusters[n] = draw(st.integers(1, 3))
        for channel in draw(st.lists(st.sampled_from(sorted(GAPS)), unique=True)):
            skills = draw(st.sampled_from([(), ("care",)]))
            cadences.append(cadence(len(cadences) + 1, n, channel, skills=skills))
            ago = draw(st.none() | st.integers(1, 20))
            if ago is not None:
                last[n, channel] = FIRST - timedelta(days=ago)
    van = st.builds(VanTime, st.sampled_from(_SKILLS), st.sampled_from([0, 1800, 7200]))
    vans = draw(st.lists(st.lists(van, max_size=2).map(tuple), min_size=7, max_size=12).map(tuple))
    return Small(tuple(people), tuple(cadences), last, clusters, vans)
