"""What is acknowledged is stored, once, whatever is killed or cut: strikes at random moments under load.

The same moments again: set CAREVAN_BENCH_SEED to the seed of the run.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from tests.bench.figure import Case, Figure, Mode
from tests.bench.riders import Riders
from tests.bench.siege import Siege, besieged
from tests.tracking.ledger import Ledger, Verdict
from tests.tracking.severing import Cut, Door

_VANS: Final = 20
_STRIKES: Final[dict[Mode, int]] = {"quick": 1, "default": 5, "full": 20}
_CUTS_EACH: Final[dict[Mode, int]] = {"quick": 3, "default": 5, "full": 20}
_MOMENT_S: Final = (0.2, 1.5)
_KILLED: Final = (
    ("server killed", "kill_server"),
    ("postmaster killed", "kill_database"),
    ("session killed", "kill_session"),
    ("both killed", "kill_both"),
    ("server restarted", "restart_server"),
)
_NOT_QUICK: Final = frozenset({"kill_both", "restart_server"})
_CUT: Final = (
    ("cut before COMMIT", Cut.UNSENT),
    ("cut at COMMIT", Cut.SENT),
    ("cut after COMMIT", Cut.ANSWERED),
)
_WRONG: Final = {
    "missing": "acknowledged but missing",
    "twice": "stored twice",
    "foreign": "stored but never sent",
    "unkept": "refused and not in quarantine",
    "kept_twice": "one receipt twice in quarantine",
    "unsettled": "never acknowledged nor refused",
}
Blow: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Round:
    """One kind of strike, some times over."""

    name: str
    times: int
    blow: Blow


@dataclass(frozen=True, slots=True)
class Toll:
    """What a round has cost.

    Parameters
    ----------
    first_s, all_s : the longest time until some terminal, and until each, was served again
    found : the ledger held against the database, at each cut and after the round, the load still going on
    """

    first_s: float
    all_s: float
    found: tuple[Verdict, ...]


def cases(mode: Mode) -> Iterator[Case]:
    """First what is killed, on a home that keeps its own database; then what is cut, through a door."""
    yield Case("killed", partial(_killed, mode))
    yield Case("cut", partial(_cut, mode))


def _seed(case: str) -> int:
    """Told at once: a run that fails must be repeatable."""
    told = os.environ.get("CAREVAN_BENCH_SEED", "")
    seed = int(told) if told else random.SystemRandom().randrange(10**6)
    _say(f"{case}: CAREVAN_BENCH_SEED={seed}")
    return seed


def _say(what: str) -> None:
    """Figures come at the end; meanwhile this shows that it goes on."""
    sys.stderr.write(f"{what}\n")


def _killed(mode: Mode) -> Iterator[Figure]:
    seed = _seed("killed")
    chance = random.Random(seed)
    yield Figure("killed: seed of the random moments", seed, "")
    with besieged(_VANS, chance, keeps_itself=True) as siege:
        rounds = [
            Round(name, _STRIKES[mode], partial(asyncio.to_thread, getattr(siege, strike)))
            for name, strike in _KILLED
            if mode != "quick" or strike not in _NOT_QUICK
        ]
        siege.start()
        yield from _figures("killed", rounds, asyncio.run(_run(siege, rounds, chance)))


def _cut(mode: Mode) -> Iterator[Figure]:
    seed = _seed("cut")
    chance = random.Random(seed)
    yield Figure("cut: seed of the random moments", seed, "")
    with (
        tempfile.TemporaryDirectory(prefix="carevan-door-") as folder,
        besieged(_VANS, chance, keeps_itself=False) as siege,
    ):
        before = siege.deadlocks()
        yield from asyncio.run(_through_a_door(siege, Path(folder), mode, chance))
        yield Figure("deadlocks ended by PostgreSQL", siege.deadlocks() - before, "")


async def _through_a_door(siege: Siege, folder: Path, mode: Mode, chance: random.Random) -> list[Figure]:
    async with Door(folder, siege.socket_folder) as door:
        siege.database_url = door.url()
        rounds = [Round(name, _CUTS_EACH[mode], partial(_slam, door, cut)) for name, cut in _CUT]
        crosswise = partial(asyncio.to_thread, siege.lock_crosswise)
        rounds.append(Round("deadlock", _STRIKES[mode], crosswise))
        if mode != "quick":
            rounds.append(Round("silence at COMMIT", _STRIKES[mode], partial(_slam, door, Cut.SILENT)))
        siege.start()
        try:
            return list(_figures("cut", rounds, await _run(siege, rounds, chance, door)))
        finally:
            # While the door is open: its farewell is a COMMIT too.
            await asyncio.to_thread(siege.stop)


async def _slam(door: Door, cut: Cut) -> None:
    """Cut the next COMMIT."""
    done = door.done[cut]
    door.fates.append(cut)
    while door.done[cut] == done:
        await asyncio.sleep(0.001)
    await door.reopened()


async def _run(
    siege: Siege, rounds: Sequence[Round], chance: random.Random, door: Door | None = None
) -> list[Toll]:
    """All rounds under one load; one toll more for the end, when nothing is on its way any more."""
    ledger = Ledger(siege.fleet)
    async with Riders(siege.door, ledger, chance.randrange(10**6)) as riders:
        seen: list[Verdict] = []
        loop = asyncio.get_running_loop()

        def struck() -> None:
            loop.call_soon_threadsafe(riders.watch.start)

        siege.on_strike = struck

        async def look(_: Cut | None = None) -> None:
            seen.append(await asyncio.to_thread(ledger.check, siege.url))
            riders.watch.start()  # The flusher was kept out meanwhile: not before now can it come back.

        if door is not None:
            door.on_cut = look
        tolls = []
        for each in rounds:
            _say(f"{each.name}, {each.times}x")
            times = [await _strike(each, riders, chance) for _ in range(each.times)]
            await look()
            first_s, all_s = (max(column) for column in zip(*times, strict=True))
            tolls.append(Toll(first_s, all_s, tuple(seen)))
            seen.clear()
        await riders.settle()
        await look()
    return [*tolls, Toll(0.0, 0.0, tuple(seen))]


async def _strike(each: Round, riders: Riders, chance: random.Random) -> tuple[float, float]:
    await asyncio.sleep(chance.uniform(*_MOMENT_S))
    riders.watch.start()
    await each.blow()
    return await riders.watch.back()


def _figures(case: str, rounds: Sequence[Round], tolls: Sequence[Toll]) -> Iterator[Figure]:
    for each, toll in zip(rounds, tolls, strict=False):
        name = f"{each.name}, {each.times}x"
        yield Figure(f"{name}: service back within", round(toll.first_s, 2), "s")
        yield Figure(f"{name}: every terminal back within", round(toll.all_s, 2), "s")
        yield Figure(f"{name}: acknowledged so far", toll.found[-1].acknowledged, "")
        yield from _none(name, toll.found, "missing", "twice")
    end = tolls[-1].found
    yield Figure(f"{case}: acknowledged", end[-1].acknowledged, "")
    yield Figure(f"{case}: stored", end[-1].stored, "")
    yield from _none(case, end, *_WRONG)


def _none(name: str, found: Sequence[Verdict], *wrongs: str) -> Iterator[Figure]:
    for wrong in wrongs:
        worst = max(getattr(verdict, wrong) for verdict in found)
        yield Figure(f"{name}: {_WRONG[wrong]}", worst, "", expect="= 0", ok=worst == 0)
