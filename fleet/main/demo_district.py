"""The demo's district: its roads, people, terminals and logins, and what the day came to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import accounts, basemap, osrm, registry, season, tables, terminals
from fleet.accounts import Role
from fleet.clock import wall_now
from fleet.context import Context
from fleet.main import outcome
from fleet.settings import Settings

SEED = 2026
_LOGINS: tuple[tuple[str, Role], ...] = (
    ("admin", "administrator"),
    ("planner", "planner"),
    ("dispatcher", "dispatcher"),
    ("viewer", "viewer"),
)
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SIGNS = "+-=?"


@dataclass(frozen=True, slots=True)
class Settled:
    """What the demo needs to go on: the district, a fresh token a van's name, a fresh password a login."""

    district_id: int
    vans: int
    elders: int
    tokens: Mapping[str, str]
    logins: Mapping[str, tuple[str, Role]]


def bring_roads(settings: Settings, database_url: str) -> None:
    """Build the invented town's roads and base map, unless they, or real ones, are there."""
    if osrm.current(settings.home) is not None and basemap.source(database_url) is not None:
        return
    from fleet.synthetic import town

    settings.roads_dir.mkdir(parents=True, exist_ok=True)
    file = settings.roads_dir / "synthetic.osm.pbf"
    town.write(file, seed=SEED)
    osrm.build(settings.home, file)
    basemap.bring(database_url, file, synthetic=True)


def settle(context: Context, *, vans: int, elders: int) -> Settled:
    """Seed the district for the clock's day and hand out fresh tokens and passwords."""
    now = context.clock.now()
    with context.engine.begin() as conn:
        day = _local_day(now)
        district_id = _ready(conn, vans, day) or _seed(conn, (vans, elders), day, now)
        tokens = _tokens(conn, district_id, now)
        logins = {login: (_login(conn, district_id, login, role), role) for login, role in _LOGINS}
    return Settled(district_id, vans, elders, tokens, logins)


def extend(context: Context, settled: Settled, day: date) -> None:
    """Make another day ready: shifts, and a season for it."""
    with context.engine.begin() as conn:
        _seed(conn, (settled.vans, settled.elders), day, context.clock.now())


def _seed(conn: sa.Connection, size: tuple[int, int], day: date, now: datetime) -> int:
    # The generator and its libraries take seconds, which a day that is ready does without.
    from fleet.synthetic import people

    district_id = people.seed_district(conn, people.Size(*size), day=day, seed=SEED, now=now)
    _season_for(conn, district_id, day)
    return district_id


def is_planned(conn: sa.Connection, district_id: int, day: date) -> bool:
    """Whether a day has a published plan."""
    t = tables.plan
    query = sa.select(t.c.id).where(t.c.district_id == district_id, t.c.day == day, t.c.status == "published")
    return conn.scalar(query) is not None


def _ready(conn: sa.Connection, vans: int, day: date) -> int | None:
    """The invented district, when it has so many vans and a plan of the day already."""
    for district in registry.districts(conn):
        enough = len(registry.vans(conn, district.id)) == vans
        if district.synthetic and enough and is_planned(conn, district.id, day):
            return district.id
    return None


def _local_day(now: datetime) -> date:
    return now.astimezone(ZoneInfo("Asia/Shanghai")).date()


def _season_for(conn: sa.Connection, district_id: int, day: date) -> None:
    """Between the seasons a planner's override serves tea."""
    if registry.season_override(conn, district_id, day) is not None:
        return
    if season.season_on(day, None).season == "none":
        conn.execute(
            tables.season_override.insert().values(
                district_id=district_id, day_from=day, day_to=day, season="winter"
            )
        )


def _tokens(conn: sa.Connection, district_id: int, now: datetime) -> dict[str, str]:
    have = {t.code: t.id for t in registry.terminals(conn, district_id)}
    tokens = {}
    for van in registry.vans(conn, district_id):
        code = f"{van.code}-sim"
        if code not in have:
            have[code] = terminals.register(conn, district_id, van.id, code, kind="simulator", now=now)
        tokens[van.code] = terminals.issue_token(conn, have[code])
    return tokens


def _login(conn: sa.Connection, district_id: int, login: str, role: Role) -> str:
    password = "".join(secrets.choice(_ALPHABET) for _ in range(10)) + secrets.choice(_SIGNS) + "a7K"
    if not accounts.set_password(conn, login, password):
        account = accounts.create(conn, login, password, login, wall_now())
        accounts.grant(conn, account.id, district_id, role)
    return password


def shift_end(context: Context, district_id: int, day: date) -> datetime | None:
    """When the last van's shift of a day ends."""
    with context.engine.connect() as conn:
        return max((each.ends for each in registry.shifts(conn, district_id, day)), default=None)


def totals(context: Context, district_id: int, day: date) -> dict[str, Any]:
    """What this home's simulated terminals stored, and what the plan of `day` came to."""
    t, fix, event, stop = tables.terminal, tables.fix, tables.event, tables.plan_stop
    simulators = sa.select(t.c.id).where(t.c.kind == "simulator", t.c.district_id == district_id)
    with context.engine.connect() as conn:
        fixes = conn.scalar(sa.select(sa.func.count()).where(fix.c.terminal_id.in_(simulators)))
        events = conn.scalar(sa.select(sa.func.count()).where(event.c.terminal_id.in_(simulators)))
        done = conn.scalar(
            sa.select(sa.func.count(sa.distinct(event.c.stop_id)))
            .join(stop, stop.c.id == event.c.stop_id)
            .where(event.c.kind == "done")
        )
        plan = _plan(conn, district_id, day)
    return {
        "fixes": {"stored": fixes},
        "events": {"stored": events},
        "plan": plan,
        "visits": {"completed": done},
    }


def _plan(conn: sa.Connection, district_id: int, day: date) -> dict[str, int]:
    plan = tables.plan
    plan_id = conn.scalar(
        sa.select(plan.c.id).where(
            plan.c.district_id == district_id, plan.c.day == day, plan.c.status == "published"
        )
    )
    return {} if plan_id is None else asdict(outcome.of_plan(conn, plan_id))
