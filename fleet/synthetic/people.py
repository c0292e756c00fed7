"""Puts the invented district into the database: its places, people, vans, shifts and past visits."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables
from fleet.geo import LonLat
from fleet.synthetic import history, names, places
from fleet.synthetic.elders import Elder, elders
from fleet.synthetic.plane import CENTRE
from fleet.synthetic.sheet import Town
from fleet.synthetic.town import town

NAME, NAME_EN = "滨河新区", "Binhe New Area"
COLOURS = ("#2fb7c9", "#7aa2ff", "#35c48d", "#f2c14e", "#c58bff")
SHIFT_FROM, SHIFT_TO = time(8, 30), time(16, 30)
HOT_CUPS, COLD_CUPS = 80, 120
_SHIFT_DAYS = range(-1, 8)
_SKILLS: tuple[tuple[str, ...], ...] = (
    ("care", "nursing"),
    ("care", "haircut"),
    ("care", "nursing", "footbath"),
    ("care", "haircut", "cooking"),
    ("care", "nursing", "haircut"),
)
# The one stair climber starts the day on the second van.
_CLIMBER_VAN = 1
_MENU: tuple[Mapping[str, Any], ...] = (
    {"code": "mung_bean_soup", "name": "绿豆汤", "name_en": "Mung-bean soup", "season": "summer",
     "container": "cold", "hold_s": 4 * 3600, "sugary": False},
    {"code": "watermelon", "name": "西瓜", "name_en": "Watermelon", "season": "summer",
     "container": "cold", "hold_s": 5 * 3600, "sugary": False},
    {"code": "brown_sugar_water", "name": "红糖水", "name_en": "Brown-sugar water", "season": "winter",
     "container": "hot", "hold_s": 4 * 3600, "sugary": True},
    {"code": "hot_tea", "name": "热茶", "name_en": "Hot tea", "season": "winter",
     "container": "hot", "hold_s": 5 * 3600, "sugary": False},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How large the demo is."""

    vans: int = 5
    elders: int = 241


def seed_district(conn: sa.Connection, size: Size, *, day: date, seed: int, now: datetime) -> int:
    """Make the invented district ready for a day. What is there already stays; what is missing is added.

    Days of the past four weeks without any visit get theirs, verified; today and later never do.

    Returns
    -------
    The district's id.
    """
    drawn = town(seed)
    district_id = _district(conn)
    centres, stops = places.centres(drawn), places.stop_points(drawn)
    who = elders(drawn, stops, size.elders, year=day.year, seed=seed)
    site_ids = _sites(conn, district_id, centres, stops, who)
    recipient_ids = _recipients(conn, district_id, who, site_ids)
    van_ids = _vans(conn, district_id, size.vans, [site_ids[spot.code] for spot in centres])
    beat_ids = _beats(conn, district_id, drawn)
    _assign(conn, van_ids, beat_ids, day)
    _add(conn, tables.menu_item, [{"district_id": district_id, **item} for item in _MENU])
    _shifts(conn, district_id, van_ids, day)
    _past(conn, district_id, who, recipient_ids, seed=seed, day=min(day, _local_day(now)))
    return district_id


def _district(conn: sa.Connection) -> int:
    t = tables.district
    _add(conn, t, [{"name": NAME, "name_en": NAME_EN, "centre": _point(CENTRE), "synthetic": True}])
    district_id: int = conn.execute(sa.select(t.c.id).where(t.c.name == NAME)).scalar_one()
    _add(conn, tables.district_state, [{"district_id": district_id}])
    return district_id


def _sites(
    conn: sa.Connection,
    district_id: int,
    centres: Sequence[places.Spot],
    stops: Sequence[places.Spot],
    who: Sequence[Elder],
) -> dict[str, int]:
    def row(spot: places.Spot, kind: str, opens: time, closes: time) -> dict[str, Any]:
        centre = kind == "centre"
        return {
            "district_id": district_id, "code": spot.code, "kind": kind, "name": spot.name,
            "name_en": spot.name_en, "geom": _point(spot.point), "is_depot": centre, "is_kitchen": centre,
            "opens": opens, "closes": closes,
        }  # fmt: skip

    homes = [places.Spot(f"H-{elder.code}", elder.home, "", elder.door) for elder in who]
    rows = [row(spot, "centre", time(7, 0), time(18, 0)) for spot in centres]
    rows += [row(spot, "stop_point", time(9, 0), time(16, 0)) for spot in stops]
    rows += [row(spot, "home", time(8, 0), time(18, 0)) for spot in homes]
    _add(conn, tables.site, rows)
    return _ids(conn, tables.site, district_id)


def _recipients(
    conn: sa.Connection, district_id: int, who: Sequence[Elder], site_ids: Mapping[str, int]
) -> dict[str, int]:
    rows = [
        {
            "district_id": district_id, "code": elder.code, "name": elder.name,
            "birth_year": elder.birth_year, "home_id": site_ids[f"H-{elder.code}"],
            "stop_id": site_ids[elder.stop] if elder.stop else None, "risk": elder.risk,
            "sugar_free": elder.sugar_free, "nap_from": elder.nap[0], "nap_to": elder.nap[1],
        }
        for elder in who
    ]  # fmt: skip
    _add(conn, tables.recipient, rows)
    ids = _ids(conn, tables.recipient, district_id)
    dues = [
        {"recipient_id": ids[elder.code], **asdict(due), "skills": list(due.skills)}
        for elder in who
        for due in elder.dues
    ]
    _add(conn, tables.cadence, dues)
    return ids


def _vans(conn: sa.Connection, district_id: int, n: int, depots: Sequence[int]) -> list[int]:
    rows = [
        {
            "district_id": district_id, "code": f"V{k + 1:02}", "name": f"{k + 1}号车",
            "name_en": f"Van {k + 1}", "plate": f"示P·{k + 1:04}", "colour": colour(k),
            "features": ["stair_climber"] if k == _CLIMBER_VAN or (n == 1 and k == 0) else [],
            "hot_cups": HOT_CUPS, "cold_cups": COLD_CUPS,
            # Neighbouring numbers start from opposite ends of the town.
            "depot_id": depots[(k * 2 + k // len(depots)) % len(depots)],
        }
        for k in range(n)
    ]  # fmt: skip
    _add(conn, tables.van, rows)
    ids = _ids(conn, tables.van, district_id)
    return [ids[f"V{k + 1:02}"] for k in range(n)]


def colour(n: int) -> str:
    """The accent of the n-th van, counted from 0: five chosen ones, then by hue, never near red."""
    if n < len(COLOURS):
        return COLOURS[n]
    # The golden ratio keeps neighbouring numbers apart; 40 to 320 degrees leave red to SOS.
    hue = (40 + 280 * ((n * 0.618034) % 1)) / 360
    red, green, blue = colorsys.hls_to_rgb(hue, 0.66, 0.62)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _beats(conn: sa.Connection, district_id: int, drawn: Town) -> dict[str, int]:
    t, cell = tables.beat, tables.beat_cell
    if not _ids(conn, t, district_id):
        plans = places.beats(drawn)
        rows = [
            {
                "district_id": district_id, "code": plan.code, "name": plan.name, "name_en": plan.name_en,
                "dedicated": plan.dedicated, "geom": _polygon(plan.ring),
            }
            for plan in plans
        ]  # fmt: skip
        _add(conn, t, rows)
        ids = _ids(conn, t, district_id)
        cells = [{"beat_id": ids[plan.code], "geom": _point(at)} for plan in plans for at in plan.cells]
        conn.execute(sa.insert(cell), cells)
    return _ids(conn, t, district_id)


def _assign(conn: sa.Connection, van_ids: Sequence[int], beat_ids: Mapping[str, int], day: date) -> None:
    """Two neighbouring beats a van, round and round; a van that has beats keeps them."""
    t = tables.beat_assignment
    have = set(conn.scalars(sa.select(t.c.van_id).where(t.c.van_id.in_(van_ids))))
    since = day - timedelta(days=history.DAYS)
    rows = [
        {"van_id": van_id, "beat_id": beat_ids[code], "day_from": since}
        for n, van_id in enumerate(van_ids)
        if van_id not in have
        for code in places.PAIRS[n % len(places.PAIRS)]
    ]
    _add(conn, t, rows)


def _shifts(conn: sa.Connection, district_id: int, van_ids: Sequence[int], day: date) -> None:
    """A crew a van, and its shifts from the day before to a week ahead."""
    rows = [
        {"district_id": district_id, "name": _crew_name(n), "skills": list(_SKILLS[n % len(_SKILLS)])}
        for n in range(len(van_ids))
    ]
    _add(conn, tables.crew, rows)
    t = tables.crew
    query = sa.select(t.c.name, t.c.id).where(t.c.district_id == district_id)
    crews = {row.name: row.id for row in conn.execute(query)}
    shifts = [
        {
            "van_id": van_id, "day": on, "crew_id": crews[_crew_name(n)],
            "starts": datetime.combine(on, SHIFT_FROM, history.TIMEZONE),
            "ends": datetime.combine(on, SHIFT_TO, history.TIMEZONE),
        }
        for n, van_id in enumerate(van_ids)
        for on in (day + timedelta(days=k) for k in _SHIFT_DAYS)
    ]  # fmt: skip
    _add(conn, tables.shift, shifts)


def _past(
    conn: sa.Connection,
    district_id: int,
    who: Sequence[Elder],
    recipient_ids: Mapping[str, int],
    *,
    seed: int,
    day: date,
) -> None:
    t = tables.visit
    local_day = sa.cast(sa.func.timezone(str(history.TIMEZONE), t.c.began), sa.Date)
    since = datetime.combine(day - timedelta(days=history.DAYS), time(0), history.TIMEZONE)
    known = set(
        conn.scalars(
            sa.select(local_day).where(t.c.district_id == district_id, t.c.began >= since).distinct()
        )
    )
    missing = {day - timedelta(days=k) for k in range(1, history.DAYS + 1)} - known
    rows = [
        {
            "district_id": district_id, "recipient_id": recipient_ids[who[done.elder].code],
            "channel": done.channel, "began": done.began, "service_s": done.service_s,
            "standing": "verified", "outcome": "served", "source": f"seed:{done.began:%Y-%m-%d}",
        }
        for done in history.visits(who, day, seed=seed, on=missing)
    ]  # fmt: skip
    _add(conn, t, rows)


def _add(conn: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what is not there yet, by the table's own keys."""
    if rows:
        conn.execute(insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])


def _ids(conn: sa.Connection, table: sa.Table, district_id: int) -> dict[str, int]:
    query = sa.select(table.c.code, table.c.id).where(table.c.district_id == district_id)
    return {row.code: row.id for row in conn.execute(query)}


def _crew_name(n: int) -> str:
    """Two people: surnames and given names that do not meet again for hundreds of vans."""
    of, given = names.SURNAMES, names.GIVEN_CREW
    first, second = of[n % len(of)], of[(n * 7 + 5) % len(of)]
    return f"{first}{given[n % len(given)]} {second}{given[(n * 5 + 3) % len(given)]}"


def _local_day(now: datetime) -> date:
    return now.astimezone(history.TIMEZONE).date()


def _point(point: LonLat) -> str:
    return f"SRID=4326;POINT({point[0]:.7f} {point[1]:.7f})"


def _polygon(ring: Sequence[LonLat]) -> str:
    corners = ", ".join(f"{lon:.7f} {lat:.7f}" for lon, lat in ring)
    return f"SRID=4326;MULTIPOLYGON((({corners})))"
