import sqlalchemy as sa

from fleet import tables, terminals
from fleet.clock import wall_now
from tests.fleet.main.conftest import Desk
from tests.world import OPENS


def _box(desk: Desk, number: str | None = "13912345678") -> int:
    with desk.context.engine.begin() as conn:
        made = terminals.register(
            conn, desk.world.district_id, desk.world.vans[0], "box", kind="jt808", now=OPENS
        )
        conn.execute(tables.terminal.update().where(tables.terminal.c.id == made).values(hardware_id=number))
    return made


def test_an_administrator_opens_a_devices_window_for_ten_minutes(desk: Desk) -> None:
    box = _box(desk)
    said = desk.as_("administrator").post(f"/api/terminals/{box}/enrolment")
    assert said.status_code == 200
    left_s = said.json()["until"] / 1000 - wall_now().timestamp()
    assert 590 < left_s <= 600
    with desk.context.engine.begin() as conn:
        assert terminals.enrol(conn, "13912345678", wall_now()) is not None
        audited = conn.execute(sa.select(tables.audit.c.action, tables.audit.c.object)).all()
    assert ("terminal.enrolment", f"terminal:{box}") in audited


def test_nobody_else_may_and_only_for_a_device_of_ones_own(desk: Desk) -> None:
    box = _box(desk, number=None)
    assert desk.as_("planner").post(f"/api/terminals/{box}/enrolment").status_code == 403
    assert desk.client.post(f"/api/terminals/{box}/enrolment").status_code in {401, 403}
    administrator = desk.as_("administrator")
    without_csrf = administrator.post(f"/api/terminals/{box}/enrolment", headers={"X-CSRF-Token": ""})
    assert without_csrf.status_code == 403
    assert administrator.post("/api/terminals/999/enrolment").status_code == 404
    for other in (box, desk.world.terminals[0]):
        refused = administrator.post(f"/api/terminals/{other}/enrolment", headers={"Accept-Language": "zh"})
        assert refused.status_code == 422 or refused.status_code == 400
        assert "部标" in refused.json()["error"]
