"""What one plan promises that another does not: whose call changed van or time, was dropped or added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from routing.problem import PROMISE_S
from routing.stored import StopRow

ChangeKind: TypeAlias = Literal["dropped", "van", "time", "added"]
KINDS: tuple[ChangeKind, ...] = ("dropped", "van", "time", "added")
_Key: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One call that the two plans see differently.

    `old` is None for a call that was added, `new` for one that was dropped. A call that changed both its van
    and its time is of the kind `van`.
    """

    kind: ChangeKind
    old: StopRow | None
    new: StopRow | None

    @property
    def stop(self) -> StopRow:
        """The call, as the newer plan that has it says it."""
        stop = self.new or self.old
        assert stop is not None
        return stop

    @property
    def shift_s(self) -> int:
        """Seconds by which service begins later; 0 where a plan has no such call."""
        if self.old is None or self.new is None:
            return 0
        return int((self.new.begins - self.old.begins).total_seconds())


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes, the gravest kind first and by time inside each, and how many promises are `kept`.

    `shifted` of the kept ones begin at another time, by `PROMISE_S` at most.
    """

    changes: tuple[Change, ...]
    kept: int
    shifted: int

    def count(self, kind: ChangeKind) -> int:
        """How many changes are of a kind."""
        return sum(change.kind == kind for change in self.changes)


def plan_diff(old: Sequence[StopRow], new: Sequence[StopRow]) -> Diff:
    """Compare what two plans of one day promise.

    Parameters
    ----------
    old, new : stops of the plans; only visits and drop-offs promise anything

    Returns
    -------
    A call stands for the same promise in both where it is for the same person and cadence, or a drop-off at
    the same place; of several such calls the first of one plan is the first of the other.
    """
    before, after = _promises(old), _promises(new)
    changes: list[Change] = []
    shifted = 0
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            changes.append(Change("dropped", was, None))
        elif (kind := _kind(was, now)) is not None:
            changes.append(Change(kind, was, now))
        else:
            shifted += was.begins != now.begins
    changes += [Change("added", None, now) for key, now in after.items() if key not in before]
    changes.sort(key=lambda each: (KINDS.index(each.kind), each.stop.begins, each.stop.id))
    kept = len(before) - sum(each.kind != "added" for each in changes)
    return Diff(tuple(changes), kept, shifted)


def _kind(was: StopRow, now: StopRow) -> ChangeKind | None:
    if was.van_id != now.van_id:
        return "van"
    return "time" if abs((now.begins - was.begins).total_seconds()) > PROMISE_S else None


def _promises(stops: Sequence[StopRow]) -> Mapping[tuple[_Key, int], StopRow]:
    met: Counter[_Key] = Counter()
    found: dict[tuple[_Key, int], StopRow] = {}
    for stop in sorted(_calls(stops), key=lambda each: (each.begins, each.id)):
        key = (stop.recipient_id or 0, stop.cadence_id or 0, 0 if stop.recipient_id else stop.site_id or 0)
        found[key, met[key]] = stop
        met[key] += 1
    return found


def _calls(stops: Sequence[StopRow]) -> Iterator[StopRow]:
    return (stop for stop in stops if stop.kind in ("visit", "dropoff"))
