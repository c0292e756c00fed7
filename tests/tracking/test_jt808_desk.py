"""What the registry says about devices."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fleet import outbox, tables
from fleet.clock import wall_now
from tests.tracking.office import NUMBER, opened, with_device
from tests.tracking.platform import NOON, NOON_MS, context_on, register, rows
from tracking import jt808_desk
from tracking.adapters.jt808_alarms import MOST_STEPS


def test_a_device_registers_once_in_its_window_and_is_known_by_its_code(
    database: str, tmp_path: Path
) -> None:
    context = context_on(database, tmp_path)
    engine, now = context.engine, wall_now()
    fleet = register(engine)
    device = with_device(engine, fleet)
    assert jt808_desk.register(engine, NUMBER, now) is None
    opened(engine, device)
    assert jt808_desk.register(engine, "13900000000", now) is None
    assert jt808_desk.register(engine, "", now) is None
    assert jt808_desk.register(engine, NUMBER, now + timedelta(minutes=11)) is None
    code = jt808_desk.register(engine, NUMBER, now)
    assert code is not None and len(code) == 22 and code.isascii()
    assert jt808_desk.register(engine, NUMBER, now) is None
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None
    source = admitted.known.source
    assert (source.terminal_id, source.van_id, source.protocol) == (device, fleet.vans[0], "jt808")
    assert jt808_desk.admit(engine, "13900000000", code, NOON) is None
    assert jt808_desk.admit(engine, NUMBER, "another", NOON) is None
    assert jt808_desk.still_known(engine, [device]) == {(device, admitted.token_hash): fleet.vans[0]}
    assert code.encode() not in admitted.token_hash
    audited = rows(database, "SELECT action, detail::text FROM audit")
    assert audited == [("terminal.enrol", "{}")]
    with engine.begin() as conn:
        conn.execute(tables.terminal.update().values(revoked_at=now))
    assert jt808_desk.admit(engine, NUMBER, code, NOON) is None
    assert jt808_desk.still_known(engine, [device]) == {}
    engine.dispose()


def test_a_new_device_hears_what_is_said_from_now_on(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    engine = context.engine
    fleet = register(engine)
    device = with_device(engine, fleet)
    opened(engine, device)
    code = jt808_desk.register(engine, NUMBER, wall_now()) or ""
    with engine.begin() as conn:
        for text in ("一", "二", "三"):
            outbox.put(conn, fleet.vans[0], "say", {"text": text}, NOON)
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None and admitted.have.seq == 3
    with engine.begin() as conn:
        outbox.put(conn, fleet.vans[0], "say", {"text": "四"}, NOON)
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None and admitted.have.seq == 3
    with engine.begin() as conn:
        conn.execute(tables.terminal_seen.update().values(plan=2, seq=1, state=9))
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None
    assert (admitted.have.plan, admitted.have.seq, admitted.have.state) == (2, 1, 9)
    with engine.begin() as conn:
        conn.execute(tables.terminal_seen.update().values(seq=99))
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None and admitted.have.seq == 4
    engine.dispose()


def test_alarm_bits_are_read_and_old_ones_forgotten(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    engine = context.engine
    fleet = register(engine)
    device = with_device(engine, fleet)
    opened(engine, device)
    code = jt808_desk.register(engine, NUMBER, wall_now()) or ""
    steps = [
        {"terminal_id": device, "t": NOON + timedelta(seconds=i), "bits": i % 2}
        for i in range(MOST_STEPS + 9)
    ]
    with engine.begin() as conn:
        conn.execute(tables.terminal_alarm.insert(), steps)
    admitted = jt808_desk.admit(engine, NUMBER, code, NOON)
    assert admitted is not None
    alarms = admitted.known.alarms
    last = MOST_STEPS + 8
    assert alarms.judge(NOON_MS + (last - 1) * 1000, 1).rising == ()
    assert alarms.judge(NOON_MS + last * 1000, 1).rising == (0,)
    assert rows(database, "SELECT count(*) FROM terminal_alarm") == [(MOST_STEPS,)]
    engine.dispose()
