"""A small district for tests: two vans, a stop point, three elders, a published plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from fleet import tables

DAY = date(2026, 7, 22)
MORNING = datetime(2026, 7, 22, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
LON, LAT = 115.98, 36.45


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids of what was made."""

    district_id: int
    vans: tuple[int, int]
    terminals: tuple[int, int]
    account_id: int
    recipients: tuple[int, int, int]
    home_id: int
    stop_point_id: int
    plan_id: int
    visit_stop: int
    dropoff_stop: int


def point(lon: float, lat: float) -> str:
    """A geometry as GeoAlchemy2 takes it."""
    return f"SRID=4326;POINT({lon} {lat})"


def add(conn: sa.Connection, table: sa.Table, **values: object) -> int:
    """Insert one row and return its id."""
    return int(conn.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())


def seed(conn: sa.Connection, name: str = "测试区") -> Seeded:
    """Make the district."""
    district_id = add(conn, tables.district, name=name, centre=point(LON, LAT))
    depot = _site(conn, district_id, "C1", "centre", (LON, LAT))
    stop_point = _site(conn, district_id, "S1", "stop_point", (LON + 0.01, LAT))
    home = _site(conn, district_id, "H1", "home", (LON + 0.02, LAT + 0.01))
    vans = tuple(
        add(
            conn,
            tables.van,
            district_id=district_id,
            code=f"V{n}",
            name=f"{n}号车",
            name_en=f"Van {n}",
            depot_id=depot,
        )
        for n in (1, 2)
    )
    terminals = tuple(
        add(
            conn,
            tables.terminal,
            district_id=district_id,
            van_id=van_id,
            code=f"T{n}",
            is_primary=True,
            token_hash=f"{name}{n}".encode(),
            created_at=MORNING,
        )
        for n, van_id in enumerate(vans)
    )
    recipients = tuple(
        add(
            conn,
            tables.recipient,
            district_id=district_id,
            code=f"E{n}",
            name=who,
            birth_year=1940,
            home_id=home,
            stop_id=None if n == 0 else stop_point,
        )
        for n, who in enumerate(("刘淑珍", "张三", "王秀英"))
    )
    account_id = add(conn, tables.account, login=f"clerk-{name}", password_hash="-", created_at=MORNING)
    cadence_id = add(
        conn,
        tables.cadence,
        recipient_id=recipients[0],
        channel="monthly",
        target_days=28,
        min_days=20,
        max_days=31,
        service_s=3600,
    )
    plan_id = add(
        conn,
        tables.plan,
        district_id=district_id,
        day=DAY,
        version=1,
        status="published",
        basis="road",
        seed=1,
        levels={},
        violations=0,
        created_at=MORNING,
        created_by="command",
    )
    conn.execute(
        tables.plan_route.insert().values(
            plan_id=plan_id,
            van_id=vans[0],
            starts=MORNING,
            ends=MORNING + timedelta(hours=8),
            patrol_s=0,
            drive_s=0,
            drive_m=0,
            geom=f"SRID=4326;LINESTRING({LON} {LAT},{LON + 0.02} {LAT + 0.01})",
        )
    )
    visit_stop = _stop(
        conn,
        plan_id,
        vans[0],
        1,
        kind="visit",
        site_id=home,
        recipient_id=recipients[0],
        cadence_id=cadence_id,
    )
    dropoff_stop = _stop(conn, plan_id, vans[0], 2, kind="dropoff", site_id=stop_point, items={"soup": 2})
    return Seeded(
        district_id,
        (vans[0], vans[1]),
        (terminals[0], terminals[1]),
        account_id,
        (recipients[0], recipients[1], recipients[2]),
        home,
        stop_point,
        plan_id,
        visit_stop,
        dropoff_stop,
    )


def add_fixes(
    conn: sa.Connection, van_id: int, terminal_id: int, fixes: list[tuple[datetime, float, float]]
) -> None:
    """Store fixes, in a partition of their own where there is none."""
    has = conn.scalar(sa.text("SELECT to_regclass('fix_seeded')"))
    if has is None:
        conn.execute(
            sa.text(
                "CREATE TABLE fix_seeded PARTITION OF fix FOR VALUES FROM ('2026-07-20') TO ('2026-07-25')"
            )
        )
    for n, (t, lon, lat) in enumerate(fixes):
        conn.execute(
            tables.fix.insert().values(
                van_id=van_id, t=t, terminal_id=terminal_id, digest=n, geom=point(lon, lat), received_at=t
            )
        )


def _site(conn: sa.Connection, district_id: int, code: str, kind: str, where: tuple[float, float]) -> int:
    return add(
        conn,
        tables.site,
        district_id=district_id,
        code=code,
        kind=kind,
        name=f"地点{code}",
        geom=point(*where),
        opens=time(8),
        closes=time(18),
    )


def _stop(conn: sa.Connection, plan_id: int, van_id: int, seq: int, **values: object) -> int:
    begins = MORNING + timedelta(minutes=20 * seq)
    return add(
        conn,
        tables.plan_stop,
        plan_id=plan_id,
        van_id=van_id,
        seq=seq,
        geom=point(LON + seq / 100, LAT),
        arrives=begins,
        begins=begins,
        leaves=begins + timedelta(minutes=15),
        **values,
    )
