"""A small district for the maps' tests: two vans, their beats, a published plan half driven, a base map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from fleet import accounts, journal, tables
from fleet.clock import wall_now
from tracking import alert_store
from tracking.alarm_rules import DEFAULTS, Rule
from tracking.days import day_number, part_for

DAY = date(2026, 7, 24)
NOW = datetime(2026, 7, 24, 2, 46, 6, tzinfo=UTC)  # 10:46:06 in the district
CENTRE = (115.985, 36.447)
PASSWORD = "Right-horse-9"
COLOURS = ("#2fb7c9", "#7aa2ff", "#35c48d", "#f2c14e", "#c58bff")


@dataclass(frozen=True, slots=True)
class Stage:
    """The ids of what was put there."""

    district_id: int
    van_ids: tuple[int, ...]
    stop_ids: tuple[int, ...]
    plan_id: int


def point(lon: float, lat: float) -> sa.ColumnElement[Any]:
    """A point as the database takes it."""
    return sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)


def put(conn: sa.Connection, table: sa.Table, **values: object) -> int:
    """Insert one row; its id."""
    return int(conn.execute(table.insert().values(values).returning(table.c.id)).scalar_one())


def stage(conn: sa.Connection, *, vans: int = 2) -> Stage:
    """Put the district there."""
    district_id = put(
        conn,
        tables.district,
        name="聊城开发区",
        name_en="Liaocheng Zone",
        centre=point(*CENTRE),
        synthetic=True,
    )
    van_ids = tuple(_van(conn, district_id, n) for n in range(vans))
    elders = [_elder(conn, district_id, n) for n in range(4 * vans)]
    plan_id = put(
        conn,
        tables.plan,
        district_id=district_id,
        day=DAY,
        version=3,
        status="published",
        basis="great-circle",
        seed=1,
        levels={"mandatory_missed": 0, "drive_s": 3600},
        violations=0,
        created_at=NOW,
        created_by="account:1",
        published_at=NOW,
        published_by="account:1",
    )
    stop_ids = tuple(
        stop_id
        for n, van_id in enumerate(van_ids)
        for stop_id in _route(conn, plan_id, van_id, elders[4 * n : 4 * n + 4])
    )
    _unserved(conn, plan_id, van_ids[0], elders[0])
    journal.raise_state(conn, district_id, NOW - timedelta(hours=1), "plan", {"day": str(DAY), "version": 3})
    put_login(conn, district_id, "li", "李建国", "dispatcher")
    for rule in DEFAULTS.values():
        set_rule(conn, district_id, rule, enabled=False)
    return Stage(district_id, van_ids, stop_ids, plan_id)


def set_rule(conn: sa.Connection, district_id: int, rule: Rule, *, enabled: bool) -> None:
    """Switch a rule of alerts on or off: a staged day has no tracks, so that beats seem unseen, vans idle."""
    alert_store.set_rule(conn, district_id, replace(rule, enabled=enabled), by="test", at=NOW)


def put_login(conn: sa.Connection, district_id: int, login: str, display: str, role: accounts.Role) -> None:
    """Somebody who may log in with `PASSWORD`."""
    account = accounts.create(conn, login, PASSWORD, display, wall_now())
    accounts.grant(conn, account.id, district_id, role)


def _van(conn: sa.Connection, district_id: int, n: int) -> int:
    lon, lat = CENTRE[0] - 0.03 + 0.014 * n, CENTRE[1] - 0.01 + 0.006 * (n % 3)
    put(
        conn, tables.site, district_id=district_id, code=f"C{n}", kind="centre", name=f"中心{n + 1}",
        name_en=f"Centre {n + 1}", geom=point(lon, lat), is_depot=True, is_kitchen=True,
    )  # fmt: skip
    van_id = put(
        conn, tables.van, district_id=district_id, code=f"V{n + 1}", name=f"{n + 1}号车",
        name_en=f"Van {n + 1}", colour=COLOURS[n % len(COLOURS)],
    )  # fmt: skip
    ring = [(lon, lat), (lon + 0.012, lat), (lon + 0.012, lat + 0.012), (lon, lat + 0.012), (lon, lat)]
    text = ", ".join(f"{x} {y}" for x, y in ring)
    beat_id = put(
        conn, tables.beat, district_id=district_id, code=f"B{n}", name=f"网格{n + 1}",
        name_en=f"Beat {n + 1}",
        geom=sa.func.ST_GeomFromText(f"MULTIPOLYGON((({text})))", 4326),
    )  # fmt: skip
    for k in range(4):
        put(
            conn,
            tables.beat_cell,
            beat_id=beat_id,
            geom=point(lon + 0.002 + 0.002 * k, lat + 0.002 * (k + 1)),
        )
    conn.execute(tables.beat_assignment.insert().values(van_id=van_id, beat_id=beat_id, day_from=DAY))
    crew_id = put(conn, tables.crew, district_id=district_id, name=f"组{n}")
    starts = datetime(2026, 7, 24, 0, 30, tzinfo=UTC)
    conn.execute(
        tables.shift.insert().values(
            van_id=van_id, day=DAY, crew_id=crew_id, starts=starts, ends=starts + timedelta(hours=8)
        )
    )
    conn.execute(
        tables.van_state.insert().values(
            van_id=van_id, district_id=district_id, t=NOW - timedelta(seconds=2), terminal_id=1, digest=n,
            lon=lon + 0.004, lat=lat + 0.005, speed_mps=8.0, heading_deg=70.0 * n, received_at=NOW,
        )
    )  # fmt: skip
    return van_id


def _elder(conn: sa.Connection, district_id: int, n: int) -> Mapping[str, Any]:
    lon, lat = CENTRE[0] - 0.028 + 0.0035 * n, CENTRE[1] - 0.006 + 0.004 * (n % 4)
    home_id = put(
        conn, tables.site, district_id=district_id, code=f"H{n}", kind="home", name=f"第{n + 1}小区",
        name_en=f"Estate {n + 1}", geom=point(lon, lat),
    )  # fmt: skip
    recipient_id = put(
        conn, tables.recipient, district_id=district_id, code=f"R{n}", name="刘淑珍", birth_year=1940,
        home_id=home_id,
    )  # fmt: skip
    cadence_id = put(
        conn, tables.cadence, recipient_id=recipient_id, channel="visit", target_days=7, min_days=5,
        max_days=9, service_s=1200,
    )  # fmt: skip
    conn.execute(
        tables.visit.insert().values(
            district_id=district_id, recipient_id=recipient_id, channel="visit", service_s=1200,
            began=NOW - timedelta(days=3 * n + 1), standing="verified", outcome="served", source=f"seed:{n}",
        )
    )  # fmt: skip
    return {"site_id": home_id, "recipient_id": recipient_id, "cadence_id": cadence_id, "at": (lon, lat)}


def _route(conn: sa.Connection, plan_id: int, van_id: int, elders: list[Mapping[str, Any]]) -> list[int]:
    starts = datetime(2026, 7, 24, 0, 30, tzinfo=UTC)
    line = ", ".join(f"{elder['at'][0]} {elder['at'][1]}" for elder in elders)
    conn.execute(
        tables.plan_route.insert().values(
            plan_id=plan_id, van_id=van_id, starts=starts, ends=starts + timedelta(hours=8), patrol_s=21600,
            drive_s=3600, drive_m=30000, geom=sa.func.ST_GeomFromText(f"LINESTRING({line})", 4326),
        )
    )  # fmt: skip
    ids = []
    for seq, elder in enumerate(elders, start=1):
        arrives = starts + timedelta(minutes=40 * seq)
        ids.append(
            put(
                conn, tables.plan_stop, plan_id=plan_id, van_id=van_id, seq=seq, kind="visit",
                site_id=elder["site_id"], recipient_id=elder["recipient_id"], cadence_id=elder["cadence_id"],
                geom=point(*elder["at"]), arrives=arrives, begins=arrives,
                leaves=arrives + timedelta(minutes=20), items={"mung": 2},
            )
        )  # fmt: skip
    for n, kind in ((0, "done"), (1, "done"), (2, "arrived")):
        put_tap(conn, van_id, kind, starts + timedelta(minutes=40 * (n + 1) + 3), ids[n])
    return ids


def put_tap(
    conn: sa.Connection, van_id: int, kind: str, t: datetime, stop_id: int | None = None, **body: object
) -> None:
    """A stored tap of a crew."""
    conn.execute(
        tables.event.insert().values(
            terminal_id=1, id=sa.func.gen_random_uuid(), district_id=0, van_id=van_id, t=t, kind=kind,
            stop_id=stop_id, body=body, received_at=t, followed_at=t,
        )
    )  # fmt: skip


def _unserved(conn: sa.Connection, plan_id: int, van_id: int, elder: Mapping[str, Any]) -> None:
    conn.execute(
        tables.plan_unserved.insert().values(
            plan_id=plan_id, n=0, site_id=elder["site_id"], recipient_id=elder["recipient_id"],
            cadence_id=elder["cadence_id"], mandatory=True, prize=10,
            reasons=[
                {
                    "van": van_id, "code": "shift_end", "short_s": 840,
                    "needs": [{"code": "shift_end", "short": 840, "what": []}],
                }
            ],
        )
    )  # fmt: skip


def put_base_map(conn: sa.Connection) -> None:
    """A few roads, a river and a park, as the base map's import would leave them."""
    west, south = CENTRE[0] - 0.05, CENTRE[1] - 0.03
    conn.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS basemap")
    conn.exec_driver_sql(
        "CREATE TABLE basemap.road (kind text, name text, name_en text, rank smallint,"
        " geom geometry(LineString, 3857))"
    )
    conn.exec_driver_sql(
        "CREATE TABLE basemap.area (layer text, kind text, name text, geom geometry(Geometry, 3857))"
    )
    conn.exec_driver_sql("CREATE TABLE basemap.label (kind text, name text, geom geometry(Point, 3857))")
    for n in range(12):
        rank, kind = (2, "primary") if n % 4 == 0 else (5, "residential")
        for a, b in (
            ((west, south + 0.005 * n), (west + 0.1, south + 0.005 * n)),
            ((west + 0.008 * n, south), (west + 0.008 * n, south + 0.06)),
        ):
            conn.exec_driver_sql(
                "INSERT INTO basemap.road SELECT %s, %s, %s, %s, ST_Transform(ST_SetSRID(ST_MakeLine("
                "ST_MakePoint(%s, %s), ST_MakePoint(%s, %s)), 4326), 3857)",
                (kind, f"东昌路{n}", f"Dongchang Road {n}", rank, *a, *b),
            )
    for layer, name, x, y in (
        ("water", "徒骇河", west, south + 0.004),
        ("green", "九州洼", west + 0.06, south + 0.03),
    ):
        conn.exec_driver_sql(
            "INSERT INTO basemap.area SELECT %s, %s, %s,"
            " ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857)",
            (layer, layer, name, x, y, x + 0.02, y + 0.006),
        )


def make_partition(conn: sa.Connection, day: datetime) -> None:
    """Room for the fixes of a day, as the keeper of partitions would make it."""
    part = part_for(day_number(day))
    span = f"FROM ('{part.starts.isoformat()}') TO ('{part.ends.isoformat()}')"
    conn.exec_driver_sql(f"CREATE TABLE {part.name} PARTITION OF fix FOR VALUES {span}")
