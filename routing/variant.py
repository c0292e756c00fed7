"""What a plan differs in from the registry's day: what is assumed, what is locked and forbidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from routing import begun, scenario
from routing.agenda import Agenda
from routing.begun import Begun
from routing.desk import Pin, pinned
from routing.restored import visit_keys
from routing.scenario import Told


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario's name and changes; by visit key the van it is locked to, and the vans it is kept off.

    `begun` is what vans had begun when a run was asked for: no draft keeps it, the day itself knows it.
    """

    name: str = ""
    told: tuple[Told, ...] = ()
    locks: Mapping[str, int] = field(default_factory=dict)
    bans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    begun: tuple[Begun, ...] = ()

    @property
    def scenario(self) -> list[dict[str, Any]]:
        """The changes as they are stored."""
        return [each.as_json() for each in self.told]

    @property
    def pins(self) -> dict[str, Any]:
        """Locks and bans as they are stored."""
        return {"locks": dict(self.locks), "bans": {key: list(vans) for key, vans in self.bans.items()}}

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


def varied(agenda: Agenda, variant: Variant) -> Agenda:
    """The day as the variant has it: changes made, locks and bans in the visits, what is begun first.

    Raises
    ------
    InvalidInput : see `scenario.make`.
    """
    changed = begun.held(scenario.make(agenda, variant.told), variant.begun)
    return replace(changed, problem=pinned(changed.problem, pins_of(changed, variant)))
