"""What solvers made of instances, kept line by line: a long benchmark goes on where it was broken off."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TypeAlias

from routing.checker import violations
from routing.plan import Plan
from routing.problem import Problem
from tests.bench.cpu import forget_peak, peak_bytes

ROOT: Final = Path(__file__).resolve().parents[2]
_IMPORT: Final = re.compile(
    r"^(?:from|import) ((?:routing|tests|fleet\.synthetic)[\w.]*)(?: import (.*))?$", re.M
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one solver made of one instance, as our checker and our timetable have it.

    Parameters
    ----------
    broken : rules that the plan breaks
    mandatory_missed, unserved : visits
    prize : of the optional visits served
    travel_s : seconds driven
    took_s : seconds on the wall until the plan was there
    own : what the instance's own measure says, where it has one: a score, or thousandths of distance
    vans : that leave their depot
    peak_mib : the most memory of the process that solved it, where it had one to itself
    """

    broken: int
    mandatory_missed: int
    unserved: int
    prize: int
    travel_s: int
    took_s: float
    own: int = 0
    vans: int = 0
    peak_mib: int = 0

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Less is better: a plan that breaks a rule loses, then mandatory visits, prize and travel count."""
        return self.broken, self.mandatory_missed, -self.prize, self.travel_s


Measure: TypeAlias = Callable[[], Outcome | None]
"""Solves one instance; None when the solver did not end in any decent time."""


def judged(problem: Problem, plan: Plan, took_s: float) -> Outcome:
    """A plan as an outcome."""
    return Outcome(
        broken=len(violations(problem, plan)),
        mandatory_missed=plan.levels.mandatory_missed,
        unserved=len(plan.unserved),
        prize=sum(visit.prize for visit in problem.visits if not visit.mandatory) - plan.levels.prize_missed,
        travel_s=plan.levels.drive_s,
        took_s=round(took_s, 2),
        vans=sum(len(route.stops) > 2 for route in plan.routes),
    )


def calls(plan: Plan) -> tuple[tuple[int, ...], ...]:
    """The sites of each route's visits, in order."""
    return tuple(tuple(stop.site for stop in route.stops if stop.visit is not None) for route in plan.routes)


class Book:
    """Outcomes by the name of their run and the version of what they depend on.

    Each is a line of a file as soon as it is known. Without a file nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[tuple[str, str], Outcome | None] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
        except ValueError:  # a run that was broken off while it wrote
            return
        told = row["outcome"]
        self._known[row["run"], row["version"]] = None if told is None else Outcome(**told)

    def outcome(self, run: str, of: str, measure: Measure) -> Outcome | None:
        """What is known of a run in this version; it is measured, and written down, when nothing is."""
        if (run, of) not in self._known:
            self._known[run, of] = found = measure()
            self._write({"run": run, "version": of, "outcome": None if found is None else asdict(found)})
        return self._known[run, of]

    def _write(self, row: dict[str, Any]) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # What was broken off while it wrote must not spoil the next line.
        torn = self._path.exists() and not self._path.read_bytes().endswith(b"\n")
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write("\n" * torn + json.dumps(row) + "\n")


def code_version(*modules: str) -> str:
    """A name for the code of modules and of all of ours that they import, and so on."""
    return _digest(_closure(modules))


def peer_version(library: str, *modules: str) -> str:
    """A name for a library's version and for what gives it its instances: these modules alone.

    A peer's plans do not become others when ours do.
    """
    try:
        installed = version(library)
    except PackageNotFoundError:
        installed = "none"
    return f"{library} {installed}, {_digest({_path(each) for each in modules})}"


def _digest(paths: set[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _path(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def _closure(modules: tuple[str, ...]) -> set[Path]:
    found: set[Path] = set()
    open_ends = list(modules)
    while open_ends:
        path = _path(open_ends.pop())
        if path in found or not path.exists():
            continue
        found.add(path)
        for package, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
            open_ends += [package, *(f"{package}.{name.strip()}" for name in names.split(","))]
    return found


def apart(measure: Measure, limit_s: float) -> Outcome | None:
    """An outcome measured in a process of its own, with the most memory it had; None past a limit of time.

    `measure` is a module's function, or a partial of one.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_tell, args=(theirs, measure), daemon=True)
    process.start()
    theirs.close()
    with _ended(process):
        if not ours.poll(limit_s):
            return None
        try:
            found: Outcome | None = ours.recv()
        except EOFError:
            raise RuntimeError("the process that was to solve an instance has died") from None
        return found


@contextmanager
def _ended(process: multiprocessing.process.BaseProcess) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.join()


def _tell(pipe: Connection, measure: Measure) -> None:
    forget_peak()
    found = measure()
    pipe.send(None if found is None else replace(found, peak_mib=peak_bytes() >> 20))
