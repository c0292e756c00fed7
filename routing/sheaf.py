"""A stored plan with everything that a person reads of it, in their language: what leaves the house as files.

Names of persons are masked, as the planner's own page shows them: a file wanders farther than a screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.registry import District, MenuItem, Site, Van, mask_name
from fleet.words import Locale, translate
from routing import store
from routing.reason_places import said
from routing.stored import PlanRow, RouteRow, StopRow, UnservedRow

KINDS: Mapping[str, str] = {
    "start": "Leave",
    "visit": "Visit",
    "dropoff": "Drop-off",
    "reload": "Reload",
    "break": "Break",
    "pass": "Beat pass",
    "handover": "Handover",
    "end": "Back",
}
LEVELS: Mapping[str, str] = {
    "sos_missed": "SOS calls missed",
    "mandatory_missed": "Mandatory visits missed",
    "prize_missed": "Urgency left out",
    "patrol_short_min": "Patrol minutes missing",
    "unseen_min": "Longest unseen, minutes",
    "portions_missed": "Servings missing",
    "cost": "Weighted sum",
    "naps": "Naps disturbed",
    "moved": "Promises moved",
    "unfamiliar": "By another crew",
    "imbalance_s": "Week's imbalance, seconds",
    "overtime_s": "Overtime, seconds",
    "drive_s": "Driving, seconds",
}
_FLAGS = ("stair_climber",)
"""Needs that a driver must have aboard: flagged, where skills are only noted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One stop as it is read. Times are the district's.

    Parameters
    ----------
    what : the kind in words; `kind` is its key
    window : when service may begin, local
    portions : names and cups, by the menu's order
    flags : what must not be overlooked, such as 无糖 or 爬楼机
    notes : what else is good to know
    """

    van: str
    van_id: int
    seq: int
    kind: str
    what: str
    place: str
    who: str
    arrives: datetime
    begins: datetime
    leaves: datetime
    window: tuple[datetime, datetime] | None
    portions: tuple[tuple[str, int], ...]
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    lon: float
    lat: float
    stop_id: int


@dataclass(frozen=True, slots=True)
class Left:
    """A visit without a place in the plan, and why."""

    place: str
    who: str
    mandatory: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheaf:
    """A plan whole. `vans` are all of the district's, `routes` those that drive."""

    plan: PlanRow
    district: District
    vans: Mapping[int, Van]
    routes: tuple[RouteRow, ...]
    stops: tuple[StopRow, ...]
    unserved: tuple[UnservedRow, ...]
    menu: Mapping[str, MenuItem]
    centres: tuple[Site, ...]
    locale: Locale

    @property
    def zone(self) -> ZoneInfo:
        """The district's clock."""
        return ZoneInfo(self.district.timezone)

    @property
    def title(self) -> str:
        """The district and the day."""
        return f"{self.named(self.district.name, self.district.name_en)} {self.plan.day}"

    def say(self, text: str, **params: object) -> str:
        """A sentence in the reader's language."""
        return translate(self.locale, text, **params)

    def named(self, name: str, name_en: str | None) -> str:
        """A name in the reader's language; the Chinese one where there is no other."""
        return name_en if self.locale == "en" and name_en else name

    def van_name(self, van_id: int) -> str:
        """What a van is called."""
        van = self.vans.get(van_id)
        return self.named(van.name, van.name_en) if van else str(van_id)

    def lines(self, van_id: int | None = None) -> Iterator[Line]:
        """The stops as they are read, by van and order; of one van where it is given."""
        return (_line(self, stop) for stop in self.stops if van_id in (None, stop.van_id))

    def left(self) -> Iterator[Left]:
        """What is unserved, the gravest first."""
        called = {van_id: self.van_name(van_id) for van_id in self.vans}
        for row in self.unserved:
            reasons = tuple(said(told, called, self.centres, self.locale) for told in row.reasons)
            yield Left(row.name, mask_name(row.who) if row.who else "", row.mandatory, reasons)

    def portions(self, items: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        """Items by name, in the menu's order."""
        order = list(self.menu)
        codes = sorted(items, key=lambda code: order.index(code) if code in self.menu else len(order))
        return tuple((self.item_name(code), int(items[code])) for code in codes)

    def item_name(self, code: str) -> str:
        """What an item is called; its code where it is on no menu any more."""
        item = self.menu.get(code)
        return self.named(item.name, item.name_en) if item else code

    def status(self) -> str:
        """How far the plan is, in words."""
        if self.plan.version is None:
            return self.say("Draft {plan}", plan=self.plan.id)
        old = self.plan.status == "superseded"
        text = "Version {version}, superseded" if old else "Version {version}, published"
        return self.say(text, version=self.plan.version)


def read_sheaf(conn: sa.Connection, district_id: int, plan_id: int, locale: Locale) -> Sheaf:
    """Read a plan with all its names.

    Raises
    ------
    NotFound : the district has no such plan.
    """
    plan = store.find_plan(conn, district_id, plan_id)
    return Sheaf(
        plan=plan,
        district=registry.district(conn, district_id),
        vans={van.id: van for van in registry.vans(conn, district_id)},
        routes=store.routes_of(conn, plan_id),
        stops=store.stops_of(conn, plan_id),
        unserved=store.unserved_of(conn, plan_id),
        menu={item.code: item for item in registry.menu(conn, district_id)},
        centres=registry.sites(conn, district_id, "centre"),
        locale=locale,
    )


def _line(sheaf: Sheaf, stop: StopRow) -> Line:
    zone = sheaf.zone
    window = None
    if stop.window_from is not None and stop.window_to is not None:
        window = (stop.window_from.astimezone(zone), stop.window_to.astimezone(zone))
    return Line(
        van=sheaf.van_name(stop.van_id),
        van_id=stop.van_id,
        seq=stop.seq,
        kind=stop.kind,
        what=sheaf.say(KINDS.get(stop.kind, stop.kind)),
        place=sheaf.named(stop.name or "", stop.name_en),
        who=mask_name(stop.who) if stop.who else "",
        arrives=stop.arrives.astimezone(zone),
        begins=stop.begins.astimezone(zone),
        leaves=stop.leaves.astimezone(zone),
        window=window,
        portions=sheaf.portions(stop.items),
        flags=tuple(_flags(sheaf, stop)),
        notes=tuple(_notes(sheaf, stop)),
        lon=stop.lon,
        lat=stop.lat,
        stop_id=stop.id,
    )


def _flags(sheaf: Sheaf, stop: StopRow) -> Iterator[str]:
    if stop.sugar_free:
        yield sheaf.say("sugar-free")
    yield from (_need(sheaf, need) for need in stop.needs if need in _FLAGS)


def _notes(sheaf: Sheaf, stop: StopRow) -> Iterator[str]:
    yield from (_need(sheaf, need) for need in stop.needs if need not in _FLAGS)
    if stop.nap_from is None or stop.nap_to is None:
        return
    if stop.nap_from <= stop.begins.astimezone(sheaf.zone).time() < stop.nap_to:
        yield sheaf.say(
            "rests {from_}–{to}: call before knocking",
            from_=f"{stop.nap_from:%H:%M}",
            to=f"{stop.nap_to:%H:%M}",
        )


def _need(sheaf: Sheaf, need: str) -> str:
    """A skill or fitting in words; one that has none is said by its code."""
    return sheaf.say(need).replace("_", " ")
