"""What a plan differs in from the registry's day: what is assumed, what is locked and forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from routing import begun, scenario
from routing.agenda import Agenda
from routing.begun import Begun
from routing.desk_session import Pin, Session, held_first, opened, pinned, with_first
from routing.place import Orders
from routing.restored import visit_keys
from routing.scenario import Told


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario's name and changes; by visit key the van it is locked to, and the vans it is kept off.

    `first` holds by van the keys of visits that it calls on first, in this order.
    `begun` is what vans had begun when a run was asked for: no draft keeps it, the day itself knows it.
    """

    name: str = ""
    told: tuple[Told, ...] = ()
    locks: Mapping[str, int] = field(default_factory=dict)
    bans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    begun: tuple[Begun, ...] = ()
    first: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def scenario(self) -> list[dict[str, Any]]:
        """The changes as they are stored."""
        return [each.as_json() for each in self.told]

    @property
    def pins(self) -> dict[str, Any]:
        """Locks, bans and held orders as they are stored."""
        held = {"first": {str(van): list(keys) for van, keys in self.first.items()}} if self.first else {}
        bans = {key: list(vans) for key, vans in self.bans.items()}
        return {"locks": dict(self.locks), "bans": bans, **held}

    def as_json(self) -> dict[str, Any]:
        """The whole, as a job keeps it."""
        kept = {"begun": [each.as_json() for each in self.begun]} if self.begun else {}
        return {"name": self.name, "scenario": self.scenario, **self.pins, **kept}


def variant_of(name: str, told: list[dict[str, Any]], pins: Mapping[str, Any]) -> Variant:
    """A variant as a plan stores it."""
    return Variant(
        name,
        tuple(scenario.told_of(each) for each in told),
        {str(key): int(van) for key, van in pins.get("locks", {}).items()},
        {str(key): tuple(int(van) for van in vans) for key, vans in pins.get("bans", {}).items()},
        begun.of_json(pins.get("begun", ())),
        {int(van): tuple(str(key) for key in keys) for van, keys in pins.get("first", {}).items()},
    )


def read(stored: Mapping[str, Any]) -> Variant:
    """A variant as a job keeps it."""
    return variant_of(str(stored.get("name", "")), list(stored.get("scenario", ())), stored)


def pins_of(agenda: Agenda, variant: Variant) -> dict[int, Pin]:
    """Locks and bans by the agenda's visits and vans. Of rows that the day does not have there is none."""
    ids = {van_id: n for n, van_id in enumerate(agenda.van_ids)}
    found: dict[int, Pin] = {}
    for n, key in enumerate(visit_keys(agenda)):
        locked = ids.get(variant.locks[key]) if key in variant.locks else None
        banned = frozenset(ids[van] for van in variant.bans.get(key, ()) if van in ids)
        if locked is not None or banned:
            found[n] = Pin(locked, banned)
    return found


def told_pins(agenda: Agenda, pins: Mapping[int, Pin]) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """Locks and bans by keys and ids."""
    keys = visit_keys(agenda)
    locks = {keys[n]: agenda.van_ids[pin.locked] for n, pin in pins.items() if pin.locked is not None}
    bans = {
        keys[n]: tuple(agenda.van_ids[van] for van in sorted(pin.banned))
        for n, pin in pins.items()
        if pin.banned
    }
    return locks, bans


def first_of(agenda: Agenda, variant: Variant) -> dict[int, tuple[int, ...]]:
    """By van of the agenda the visits that are held first, without rows that the day does not have."""
    visits = {key: n for n, key in enumerate(visit_keys(agenda))}
    return {
        agenda.van_ids.index(van_id): tuple(visits[key] for key in keys if key in visits)
        for van_id, keys in variant.first.items()
        if van_id in agenda.van_ids
    }


def told_first(agenda: Agenda, session: Session) -> dict[int, tuple[str, ...]]:
    """By the vans' ids the keys of what a planner holds first."""
    keys = visit_keys(agenda)
    held = {n: van.prefix[session.begun[n] :] for n, van in enumerate(session.problem.vans)}
    return {agenda.van_ids[n]: tuple(keys[visit] for visit in first) for n, first in held.items() if first}


def session_of(agenda: Agenda, orders: Orders, variant: Variant) -> Session:
    """A session on a plan's calls with what was decided for it: locks, bans, held orders."""
    session = opened(agenda.problem, orders, pins_of(agenda, variant))
    for van, visits in first_of(agenda, variant).items():
        session = held_first(session, van, visits)
    return session


def varied(agenda: Agenda, variant: Variant) -> Agenda:
    """The day as the variant has it: changes made, locks and bans in the visits, first what is begun, then
    what is held.

    Raises
    ------
    InvalidInput : see `scenario.make`.
    """
    changed = begun.held(scenario.make(agenda, variant.told), variant.begun)
    problem = pinned(changed.problem, pins_of(changed, variant))
    for van, visits in first_of(changed, variant).items():
        problem = with_first(problem, van, visits, begun=len(problem.vans[van].prefix))
    return replace(changed, problem=problem)
