"""What the tests of the alerts' watch share: facts put there, looks, and what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet import journal, registry, tables
from fleet.main.alarming import Watch
from tests.fleet.main.conftest import Desk
from tests.world import CENTRE, OPENS
from tracking import alert_store


def put_fixes(
    desk: Desk, starts: datetime, seconds: int, *, van: int = 0, received: datetime | None = None,
    speed_mps: float = 8.0, every_s: int = 10, by: tuple[float, float] = CENTRE,
) -> None:  # fmt: skip
    """Fixes of a van that goes to and fro by its depot, or another place."""
    world = desk.world
    rows = [
        {
            "van_id": world.vans[van], "t": starts + timedelta(seconds=s),
            "terminal_id": world.terminals[van],
            "digest": s, "geom": f"SRID=4326;POINT({by[0] + 0.0005 * (s // every_s % 2)} {by[1]})",
            "speed_mps": speed_mps, "received_at": received or starts + timedelta(seconds=s),
        }
        for s in range(0, seconds, every_s)
    ]  # fmt: skip
    with desk.context.engine.begin() as conn:
        conn.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS fix_day PARTITION OF fix"
            " FOR VALUES FROM ('2026-07-19 16:00+00') TO ('2026-07-21 16:00+00')"
        )
        conn.execute(tables.fix.insert(), rows)


def look(desk: Desk, watch: Watch, behind_s: float = 0.0) -> list[tuple[str, str]]:
    with desk.context.engine.connect() as conn:
        district = registry.district(conn, desk.world.district_id)
    return [(each.code, each.change) for each in watch.look_at(district, behind_s)]


def told_by_journal(desk: Desk) -> list[tuple[str, str]]:
    with desk.context.engine.connect() as conn:
        entries = journal.since(conn, desk.world.district_id, 0)
    return [(each.body["code"], each.body["change"]) for each in entries if each.kind == "alert"]


def only(desk: Desk, *codes: str) -> None:
    """Switch every other rule off: the small district has vans that never left."""
    with desk.context.engine.begin() as conn:
        for code, rule in alert_store.rules_of(conn, desk.world.district_id).items():
            own = {"enabled": code in codes, "severity": rule.severity, "threshold": rule.threshold}
            values = {"district_id": desk.world.district_id, "code": code, "on_delay_s": rule.on_delay_s}
            conn.execute(
                tables.alert_rule.insert().values(**own, **values, updated_at=OPENS, updated_by="test")
            )
