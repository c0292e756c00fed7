"""The demo district's full day with every rule: how soon there is a plan, and what more time would bring."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from fleet import migrate
from fleet.cluster import Cluster
from fleet.db import make_engine
from fleet.roads import Roads
from fleet.synthetic import people
from routing import agenda
from routing.checker import violations
from routing.doubts import set_aside
from routing.plan import Levels
from routing.problem import Problem
from routing.search import Effort, solve, warm_up
from tests.bench.figure import Figure

DAY: Final = date(2026, 7, 15)
"""A summer's Wednesday: soup that spoils, more drop-offs than in winter."""
_MORNING: Final = datetime(2026, 7, 14, 23, 0, tzinfo=UTC)  # 07:00 in Shanghai
_SEED: Final = 2026
RANKED: Final = (
    "sos_missed",
    "mandatory_missed",
    "prize_missed",
    "patrol_short_min",
    "unseen_min",
    "portions_missed",
    "cost",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first level in which two plans differ; `ok` when the first is worse by 1 % or one unit at most."""

    level: str
    here: int
    there: int

    @property
    def ok(self) -> bool:
        """Whether little is lost."""
        return self.here - self.there <= max(1, self.there / 100)


def first_difference(here: Levels, there: Levels) -> Difference | None:
    """The first level in which they differ; None when there is none."""
    mine, theirs = here.figures(), there.figures()
    return next((Difference(n, mine[n], theirs[n]) for n in RANKED if mine[n] != theirs[n]), None)


@contextmanager
def _database() -> Iterator[str]:
    """A private database, wiped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-bench-"))
    folder.chmod(0o755)  # the database's own user passes through
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        yield url
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


def full_day() -> Problem:
    """The demo's day as it is planned: its 5 vans and 241 elders, driving estimated without a road server."""
    with _database() as url:
        engine = make_engine(url)
        roads = Roads("")
        try:
            with engine.begin() as conn:
                district = people.seed_district(conn, people.Size(), day=DAY, seed=_SEED, now=_MORNING)
                return set_aside(agenda.build(conn, roads, district, DAY).problem)
        finally:
            roads.close()
            engine.dispose()


def figures(short_s: float, long_s: float) -> Iterator[Figure]:
    """The plan after a short time beside that after a long one, and when the first one stood."""
    problem = full_day()
    warm_up()
    name = f"demo's day, {len(problem.vans)} vans, {len(problem.visits)} visits"
    began = time.monotonic()
    first_s: list[float] = []
    short = solve(problem, Effort(short_s, progress=lambda _: first_s.append(time.monotonic() - began)))
    took_s = time.monotonic() - began
    long = solve(problem, Effort(long_s))
    found = len(violations(problem, short)) + len(violations(problem, long))
    yield Figure(f"{name}: violations", found, "", expect="= 0", ok=found == 0)
    yield Figure("demo's day: first plan after", round(first_s[0], 2), "s", expect="<= 2", ok=first_s[0] <= 2)
    yield Figure(f"demo's day: run of {short_s:g} s took", round(took_s, 2), "s")
    beside = f"after {long_s:g} s"
    mine, theirs = short.levels.figures(), long.levels.figures()
    for level in (*RANKED, "naps", "drive_s"):
        told = f"demo's day after {short_s:g} s: {level}"
        yield Figure(told, mine[level], "", beside, theirs[level])
    difference = first_difference(short.levels, long.levels)
    worse = 0 if difference is None else difference.here - difference.there
    where = "no level differs" if difference is None else f"first that differs: {difference.level}"
    yield Figure(
        f"demo's day {short_s:g} s, {where}",
        worse,
        "more",
        beside,
        0,
        expect="<= 1 % or one unit",
        ok=difference is None or difference.ok,
    )
