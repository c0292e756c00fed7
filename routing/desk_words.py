"""What the planner's desk calls vans, visits and what is broken, in the reader's language; names masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.registry import mask_name
from fleet.words import Locale, translate
from routing.agenda import Caller
from routing.restored import visit_keys
from routing.scenario import Names
from routing.shelf import Ground
from routing.trouble import Trouble

_TROUBLES: Mapping[str, str] = {
    "window": "{visit} would begin {minutes} min too late",
    "shift_end": "{van} would be back {minutes} min after its shift",
    "span": "{van} would work {minutes} min too long",
    "break": "the break of {van} would begin {minutes} min too late",
    "kitchen": "{van} would reach the kitchen {minutes} min too late",
    "food_clock": "the food on {van} would be {minutes} min too old at {visit}",
    "capacity": "{van} lacks {short} {what} cups",
    "unreachable": "no road leads there from {van}'s route",
    "skills": "{van} lacks {what} for {visit}",
    "vans": "{visit} is locked to another van or forbidden on {van}",
    "equipment": "the equipment for {visit} is on another van then",
    "handover": "the handover of equipment on {van} does not work out",
    "relation": "{visit} belongs to the same van, or not to the same day, as another visit",
    "prefix": "what {van} has begun, or is to call on first, stands fast",
    "beat": "{van} would pass through another van's beat",
}
_OTHER = "{van} breaks a rule at {visit} ({rule})"


@dataclass(frozen=True, slots=True)
class Label:
    """What a visit is called: the place, the masked person, by which channel; a drop-off has no person."""

    place: str
    who: str
    channel: str

    @property
    def name(self) -> str:
        """Place and person."""
        return f"{self.place} {self.who}" if self.who else self.place


def labels(ground: Ground, locale: Locale) -> tuple[Label, ...]:
    """For each visit of the day what it is called."""
    return tuple(_label(ground, caller, locale) for caller in ground.agenda.callers)


def _label(ground: Ground, caller: Caller, locale: Locale) -> Label:
    person = None if caller.recipient_id is None else ground.people.get(caller.recipient_id)
    cadence = None if caller.cadence_id is None else ground.cadences.get(caller.cadence_id)
    return Label(
        site_name(ground, caller.site_id, locale),
        mask_name(person.name) if person else "",
        cadence.channel if cadence else "",
    )


def site_name(ground: Ground, site_id: int | None, locale: Locale) -> str:
    """A registered place; nothing for one that is none."""
    site = None if site_id is None else ground.sites.get(site_id)
    if site is None:
        return ""
    return site.name_en if locale == "en" and site.name_en else site.name


def beat_name(ground: Ground, beat_id: int, locale: Locale) -> str:
    """A beat of the registry."""
    beat = ground.beats.get(beat_id)
    return "" if beat is None else beat.name_en if locale == "en" and beat.name_en else beat.name


def van_name(ground: Ground, van_id: int, locale: Locale) -> str:
    """A van of the registry, or one that a scenario adds."""
    van = ground.vans.get(van_id)
    if van is None:
        return translate(locale, "Added van {n}", n=-van_id)
    return van.name_en if locale == "en" and van.name_en else van.name


def names(ground: Ground, locale: Locale) -> Names:
    """All names that a change may have to say."""
    keys = visit_keys(ground.agenda)
    return Names(
        {van_id: van_name(ground, van_id, locale) for van_id in ground.agenda.van_ids}
        | {van_id: van_name(ground, van_id, locale) for van_id in ground.vans},
        {key: label.name for key, label in zip(keys, labels(ground, locale), strict=True)},
        {site_id: site_name(ground, site_id, locale) for site_id in ground.sites},
    )


def say_trouble(each: Trouble, ground: Ground, locale: Locale, called: tuple[Label, ...]) -> str:
    """One broken rule as a sentence."""
    van = van_name(ground, ground.agenda.van_ids[each.van], locale) if each.van >= 0 else ""
    return translate(
        locale,
        _TROUBLES.get(each.code, _OTHER),
        van=van,
        visit=called[each.visit].name if each.visit >= 0 else translate(locale, "a stop"),
        minutes=-(-each.short // 60),
        short=each.short,
        what=", ".join(translate(locale, what) for what in each.what),
        rule=each.code,
    )
