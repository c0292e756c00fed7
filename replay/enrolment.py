"""The vans and terminals that recorded tracks are fed as."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from fleet import audit, registry, tables, terminals
from fleet.errors import NotFound

_COLOURS = ("#2fb7c9", "#7aa2ff", "#35c48d", "#f2c14e", "#c58bff")
_NAMED_IN_ERROR = 5


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A vehicle of the file as one of the district's vans, with its feed terminal's fresh token."""

    van_id: int
    terminal_id: int
    token: str


def enrol(
    conn: sa.Connection, district_id: int, vehicles: Sequence[str], *, create_vans: bool, now: datetime
) -> Mapping[str, Enrolled]:
    """Give each vehicle of a file its van and its feed terminal.

    The terminal is kept from feed to feed, for it is part of a fix's identity; its token is renewed, so an
    earlier feed that still runs is dismissed.

    Parameters
    ----------
    vehicles : the file's own names, matched with the vans' codes
    create_vans : whether vans that are missing are made
    now : wall time

    Raises
    ------
    NotFound : vans are missing and may not be made.
    """
    van_ids = {van.code: van.id for van in registry.vans(conn, district_id)}
    missing = [vehicle for vehicle in vehicles if vehicle not in van_ids]
    if missing and not create_vans:
        raise NotFound(
            "The district has no van {names} ({n} are missing). Add them, or feed with --create-vans.",
            names=", ".join(missing[:_NAMED_IN_ERROR]),
            n=len(missing),
        )
    for vehicle in missing:
        van_ids[vehicle] = _create_van(conn, district_id, vehicle, len(van_ids))
    if missing:
        audit.record(conn, "command", "van.create", "feed", district_id, vans=len(missing))
    known = {each.code: each for each in registry.terminals(conn, district_id)}
    enrolled: dict[str, Enrolled] = {}
    for vehicle in vehicles:
        terminal = known.get(_code(vehicle))
        terminal_id = (
            terminal.id
            if terminal is not None
            else terminals.register(conn, district_id, van_ids[vehicle], _code(vehicle), kind="feed", now=now)
        )
        enrolled[vehicle] = Enrolled(van_ids[vehicle], terminal_id, terminals.issue_token(conn, terminal_id))
    audit.record(conn, "command", "terminal.token", "feed", district_id, terminals=len(enrolled))
    return enrolled


def count_stored(conn: sa.Connection, enrolled: Mapping[str, Enrolled]) -> int:
    """How many fixes the database holds of these vans from their feed terminals."""
    fix = tables.fix
    # One indexed count a van: the key begins with the van.
    return sum(
        conn.scalar(
            sa.select(sa.func.count())
            .select_from(fix)
            .where(fix.c.van_id == each.van_id, fix.c.terminal_id == each.terminal_id)
        )
        or 0
        for each in enrolled.values()
    )


def _code(vehicle: str) -> str:
    return f"feed:{vehicle}"


def _create_van(conn: sa.Connection, district_id: int, code: str, number: int) -> int:
    values = {"district_id": district_id, "code": code, "name": code, "colour": _colour(number)}
    van_id: int = conn.execute(tables.van.insert().values(values).returning(tables.van.c.id)).scalar_one()
    return van_id


def _colour(number: int) -> str:
    """Five picked colours, then hues by the golden angle between orange and violet: never red."""
    if number < len(_COLOURS):
        return _COLOURS[number]
    hue_deg = 40 + (number * 137.508) % 250
    red, green, blue = colorsys.hls_to_rgb(hue_deg / 360, 0.62, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
