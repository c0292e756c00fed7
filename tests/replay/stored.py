"""Taps, pictures and plans in the database, for tests of what is written of a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from fleet import tables
from fleet.geo import LonLat
from fleet.units import moment_of
from replay import evidence
from tests.replay.day import at
from tests.replay.seeding import DAY, MORNING, Seeded, add


def told(
    conn: sa.Connection,
    here: Seeded,
    n: int,
    minutes: float,
    stop_id: int | None,
    kind: str = "done",
    *,
    terminal_id: int | None = None,
    van: int = 0,
    body: Mapping[str, object] | None = None,
) -> evidence.Tap:
    """Store the n-th tap."""
    terminal = here.terminals[van] if terminal_id is None else terminal_id
    conn.execute(
        tables.event.insert().values(
            terminal_id=terminal,
            id=UUID(int=n),
            district_id=here.district_id,
            van_id=here.vans[van],
            t=moment_of(at(minutes)),
            kind=kind,
            stop_id=stop_id,
            body=body or {},
            received_at=moment_of(at(minutes)),
        )
    )
    return evidence.Tap(
        terminal, UUID(int=n), here.district_id, here.vans[van], moment_of(at(minutes)), kind, stop_id
    )


def photo(conn: sa.Connection, here: Seeded, content: bytes = b"photo") -> str:
    """Keep a picture; its name."""
    digest = hashlib.sha256(content)
    conn.execute(
        tables.blob.insert().values(
            sha256=digest.digest(),
            terminal_id=here.terminals[0],
            media_type="image/jpeg",
            body=content,
            received_at=MORNING,
        )
    )
    return digest.hexdigest()


def second_terminal(conn: sa.Connection, here: Seeded) -> int:
    """Another terminal of the first van."""
    return add(
        conn,
        tables.terminal,
        district_id=here.district_id,
        van_id=here.vans[0],
        code="T9",
        token_hash=b"nine",
        created_at=MORNING,
    )


def published_anew(conn: sa.Connection, here: Seeded, van: int = 0, minutes: float = 60) -> int:
    """Publish the day's plan again, with the elder's visit later and by some van; its new stop."""
    plan, stop = tables.plan, tables.plan_stop
    old = conn.execute(sa.select(stop).where(stop.c.id == here.visit_stop)).mappings().one()
    conn.execute(plan.update().where(plan.c.id == here.plan_id).values(status="superseded"))
    plan_id = add(
        conn,
        plan,
        district_id=here.district_id,
        day=DAY,
        version=2,
        status="published",
        basis="road",
        seed=1,
        levels={},
        violations=0,
        created_at=MORNING,
        created_by="command",
    )
    same = {name: old[name] for name in ("kind", "site_id", "recipient_id", "cadence_id", "geom")}
    begins = moment_of(at(minutes))
    return add(
        conn,
        stop,
        plan_id=plan_id,
        van_id=here.vans[van],
        seq=1,
        arrives=begins,
        begins=begins,
        leaves=moment_of(at(minutes + 15)),
        **same,
    )


def ledger(conn: sa.Connection, here: Seeded) -> list[tuple[object, ...]]:
    """What stands in the ledger: who, channel, outcome, standing, grade."""
    t = tables.visit
    columns = (t.c.recipient_id, t.c.channel, t.c.outcome, t.c.standing, t.c.grade)
    rows = conn.execute(
        sa.select(*columns).where(t.c.district_id == here.district_id).order_by(t.c.recipient_id, t.c.id)
    )
    return [tuple(row) for row in rows]


def kept(conn: sa.Connection, here: Seeded, van: int = 0) -> Sequence[tuple[object, ...]]:
    """The evidence of a van's stops: stop, verdict, grade."""
    t = tables.stop_evidence
    rows = conn.execute(
        sa.select(t.c.stop_id, t.c.verdict, t.c.grade)
        .where(t.c.district_id == here.district_id, t.c.van_id == here.vans[van])
        .order_by(t.c.stop_id)
    )
    return [tuple(row) for row in rows]


def place_of(conn: sa.Connection, stop_id: int) -> LonLat:
    """Where a stop is."""
    t = tables.plan_stop
    row = conn.execute(
        sa.select(sa.func.ST_X(t.c.geom), sa.func.ST_Y(t.c.geom)).where(t.c.id == stop_id)
    ).one()
    return row[0], row[1]
