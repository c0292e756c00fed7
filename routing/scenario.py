"""What-if changes as they are kept and sent: by the registry's ids, in words, made to a day's agenda."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fleet.errors import InvalidInput
from fleet.words import Locale, translate
from routing.agenda import Agenda
from routing.change import KINDS, Change, applied, reached
from routing.restored import visit_keys

MOST: Final = 40
"""Changes of one scenario."""
_LONGEST_MIN: Final = 12 * 60
_MOST_CUPS: Final = 2_000
_VAN_KINDS = frozenset({"span", "rest", "skill", "cups", "leave", "van_more", "van_down"})
_VISIT_KINDS = frozenset({"window", "mandatory"})


@dataclass(frozen=True, slots=True)
class Told:
    """A change as data: `van` and `site` are rows' ids, `visit` a visit's key; an added van's id is below 0.

    `target` is what the day had of the thing once the change was made (see `change.reached`).
    """

    kind: str
    van: int | None = None
    visit: str | None = None
    site: int | None = None
    minutes: int = 0
    cups: int = 0
    what: str = ""
    target: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Without what is not said."""
        every = {
            "van": self.van,
            "visit": self.visit,
            "site": self.site,
            "minutes": self.minutes or None,
            "cups": self.cups or None,
            "what": self.what or None,
            "target": list(self.target) or None,
        }
        return {"kind": self.kind, **{key: value for key, value in every.items() if value is not None}}


def told_of(row: Mapping[str, Any]) -> Told:
    """A stored change."""
    known = {key: value for key, value in row.items() if key in Told.__slots__ and value is not None}
    return Told(**{**known, "target": tuple(known.get("target", ()))})


def make(agenda: Agenda, told: Iterable[Told]) -> Agenda:
    """The agenda with the changes made, one after the other.

    Raises
    ------
    InvalidInput : a change is unknown, too large, or about something that the day does not have.
    """
    for each in told:
        agenda = _made(agenda, change_of(agenda, each))
    return agenda


def change_of(agenda: Agenda, told: Told) -> Change:
    """A change with the ids looked up in an agenda.

    Raises
    ------
    InvalidInput : see `make`.
    """
    kind = next((each for each in KINDS if each == told.kind), None)
    if kind is None:
        raise InvalidInput(
            "There is no change called {kind}. Use one of {kinds}.", kind=told.kind, kinds=", ".join(KINDS)
        )
    if abs(told.minutes) > _LONGEST_MIN or not 0 <= told.cups <= _MOST_CUPS:
        raise InvalidInput(
            "A change by {minutes} min or {cups} cups is too large."
            " Stay within {most} min and {most_cups} cups.",
            minutes=told.minutes,
            cups=told.cups,
            most=_LONGEST_MIN,
            most_cups=_MOST_CUPS,
        )
    if kind == "patrol" and told.minutes < 0:
        raise InvalidInput("The patrol target cannot be {minutes} min. Give 0 or more.", minutes=told.minutes)
    return Change(
        kind,
        van=_van(agenda, told) if kind in _VAN_KINDS or told.van is not None else -1,
        visit=_visit(agenda, told) if kind in _VISIT_KINDS else -1,
        site=-1 if told.site is None else _kitchen(agenda, told.site),
        minutes=told.minutes,
        cups=told.cups,
        what=told.what,
    )


def tell(agenda: Agenda, change: Change) -> Told:
    """A change with its ids, as it is kept."""
    return Told(
        change.kind,
        van=agenda.van_ids[change.van] if change.van >= 0 else None,
        visit=visit_keys(agenda)[change.visit] if change.visit >= 0 else None,
        site=agenda.site_ids[change.site] if change.site >= 0 else None,
        minutes=change.minutes,
        cups=change.cups,
        what=change.what,
    )


def _made(agenda: Agenda, change: Change) -> Agenda:
    ids, beats = agenda.van_ids, agenda.beats
    if change.kind == "van_more":
        ids = (*ids, min(0, *ids) - 1)
        beats = {**beats, ids[-1]: beats.get(ids[change.van], ())}
    elif change.kind == "van_down":
        ids = (*ids[: change.van], *ids[change.van + 1 :])
        if not ids:
            raise InvalidInput("No van would be left. Leave at least one van in the day.")
    return replace(agenda, problem=applied(agenda.problem, [change]), van_ids=ids, beats=beats)


def _van(agenda: Agenda, told: Told) -> int:
    if told.van not in agenda.van_ids:
        raise InvalidInput("Van {van} has no shift on this day. Choose a van of the day.", van=told.van)
    return agenda.van_ids.index(told.van)


def _visit(agenda: Agenda, told: Told) -> int:
    keys = visit_keys(agenda)
    if told.visit not in keys:
        raise InvalidInput(
            "The visit {visit} is not asked for on this day any more. Load the page again.", visit=told.visit
        )
    return keys.index(told.visit)


def _kitchen(agenda: Agenda, site_id: int) -> int:
    for kitchen in agenda.problem.kitchens:
        if agenda.site_ids[kitchen.site] == site_id:
            return kitchen.site
    raise InvalidInput("Site {site} is no kitchen of this day. Choose one of the kitchens.", site=site_id)


_SUMMED = frozenset({"shift", "span", "rest", "cups", "window", "keep", "kitchen_longer", "leave", "kit"})


def merged(told: Iterable[Told]) -> tuple[Told, ...]:
    """Changes of one thing as one change: minutes and cups added up, nothing left of what cancels out."""
    found: dict[Told, Told] = {}
    for each in told:
        summed = each.kind in _SUMMED
        key = replace(each, minutes=0, cups=0, target=()) if summed else replace(each, target=())
        if key not in found:
            found[key] = each
        elif summed:
            was = found[key]
            both = was.minutes + each.minutes, was.cups + each.cups
            found[key] = replace(key, minutes=both[0], cups=both[1])
    return tuple(each for key, each in found.items() if not (each.kind in _SUMMED and each == key))


def settled(agenda: Agenda, told: Sequence[Told]) -> tuple[Told, ...]:
    """The changes with what each comes to, as they are kept with a plan; one that has it already keeps it.

    Raises
    ------
    InvalidInput : see `make`.
    """
    done: list[Told] = []
    for each in told:
        after = make(agenda, [each])
        known = each.target or (() if each.kind == "van_down" else _reached(after, each))
        done.append(replace(each, target=known))
        agenda = after
    return tuple(done)


def not_entered(agenda: Agenda, told: Iterable[Told]) -> tuple[Told, ...]:
    """The changes that the registry's own agenda does not have: vans cannot follow a plan that needs them."""
    return tuple(each for each in told if not _entered(agenda, each))


def _entered(agenda: Agenda, told: Told) -> bool:
    if told.kind == "van_down":
        return told.van not in agenda.van_ids
    try:
        now = _reached(agenda, told)
    except InvalidInput:
        # A kitchen that is closed is no kitchen of the day.
        return told.kind == "kitchen_closed"
    more = told.kind not in ("patrol", "kitchen_closed", "van_more") and told.minutes >= 0
    return now == told.target or (
        more and len(now) == len(told.target) and all(a >= b for a, b in zip(now, told.target, strict=True))
    )


def _reached(agenda: Agenda, told: Told) -> tuple[int, ...]:
    if told.kind == "kitchen_closed" and told.site is not None:
        return (sum(agenda.site_ids[kitchen.site] == told.site for kitchen in agenda.problem.kitchens),)
    return reached(agenda.problem, change_of(agenda, told))


_SENTENCES: Mapping[str, str] = {
    "shift": "{van}: shift {minutes} min",
    "span": "{van}: {minutes} min more of work",
    "rest": "{van}: the break may begin {minutes} min later",
    "skill": "{van}: has {what}",
    "cups": "{van}: {cups} more {what} cups",
    "window": "{visit}: may begin {minutes} min later",
    "keep": "food keeps {minutes} min longer",
    "kitchen_longer": "{site}: open {minutes} min longer",
    "kitchen_closed": "{site}: closed",
    "patrol": "patrol target {minutes} min",
    "mandatory": "{visit}: must be visited",
    "van_more": "one more van like {van}",
    "van_down": "{van}: not there",
    "leave": "{van}: may leave {minutes} min later",
    "kit": "{cups} more {what}",
}
_ENTRIES: Mapping[str, str] = {
    "shift": "enter the longer or shorter shift",
    "span": "enter the longer shift",
    "rest": "begin the shift later",
    "skill": "give the crew or the van the skill",
    "cups": "enter the larger container",
    "window": "enter the longer opening hours of the place",
    "keep": "enter the longer holding time of the menu's items",
    "kitchen_longer": "enter the kitchen's longer hours",
    "kitchen_closed": "enter the kitchen's closing",
    "patrol": "the target belongs to the whole district",
    "mandatory": "make the cadence mandatory",
    "van_more": "enter the van, its crew and its shift",
    "van_down": "take the van's shift away",
    "leave": "allow more waiting at the depot in the rules",
    "kit": "enter the equipment in the rules",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What rows are called in the reader's language: vans and sites by id, visits by key."""

    vans: Mapping[int, str]
    visits: Mapping[str, str]
    sites: Mapping[int, str]


def say(locale: Locale, told: Told, names: Names) -> str:
    """A change in words."""
    every = translate(locale, "all vans") if told.van is None else str(told.van)
    van = every if told.van is None else names.vans.get(told.van, translate(locale, "the added van"))
    kitchens = translate(locale, "all kitchens")
    plus = "+" if told.kind == "shift" and told.minutes > 0 else ""
    return translate(
        locale,
        _SENTENCES[told.kind],
        van=van,
        visit=names.visits.get(told.visit or "", told.visit or ""),
        site=kitchens if told.site is None else names.sites.get(told.site, str(told.site)),
        minutes=f"{plus}{told.minutes}".replace("-", "−"),
        cups=told.cups,
        what=translate(locale, told.what),
    )


def say_entry(locale: Locale, told: Told) -> str:
    """What must be entered in the registry before a plan that needs the change may be published."""
    return translate(locale, _ENTRIES[told.kind])
