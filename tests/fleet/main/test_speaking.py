import pytest
import sqlalchemy as sa

from fleet import outbox, tables
from fleet.units import ms_of
from tests.fleet.main.conftest import Desk
from tests.world import OPENS


def test_a_crew_is_told_and_the_office_sees_when_the_screen_has_it(desk: Desk) -> None:
    van, office = desk.world.vans[0], desk.as_("dispatcher")
    answer = office.post(f"/api/vans/{van}/say", json={"text": "  请先到\n中心食堂 "})
    assert (answer.status_code, answer.json()) == (201, {"seq": 1})
    with desk.context.engine.connect() as conn:
        (message,) = outbox.after(conn, van, 0)
        kept = conn.execute(sa.select(tables.audit.c.action, tables.audit.c.object, tables.audit.c.detail))
        assert ("van.say", f"van:{van}", {"seq": 1, "characters": 8}) in [tuple(row) for row in kept]
    assert message.kind == "say"
    assert message.body["text"] == "请先到 中心食堂"
    assert message.body["at"] == pytest.approx(ms_of(OPENS), abs=60_000)
    (told,) = office.get(f"/api/vans/{van}/say").json()
    assert (told["text"], told["drawn"]) == ("请先到 中心食堂", False)
    with desk.context.engine.begin() as conn:
        drawn = {"terminal_id": desk.world.terminals[0], "seq": 1, "at": OPENS}
        conn.execute(tables.terminal_seen.insert().values(drawn))
    assert office.get(f"/api/vans/{van}/say").json()[0]["drawn"] is True
    assert office.get(f"/api/vans/{desk.world.vans[1]}/say").json() == []


@pytest.mark.parametrize("text", ["", " \n ", "字" * 201])
def test_nothing_and_too_much_are_refused(desk: Desk, text: str) -> None:
    answer = desk.as_("dispatcher").post(f"/api/vans/{desk.world.vans[0]}/say", json={"text": text})
    assert answer.status_code == 422
    assert "200" in answer.json()["error"]


def test_only_a_dispatcher_speaks_and_only_to_their_vans(desk: Desk) -> None:
    van = desk.world.vans[0]
    assert desk.as_("viewer").post(f"/api/vans/{van}/say", json={"text": "x"}).status_code == 403
    assert desk.as_("viewer").get(f"/api/vans/{van}/say").status_code == 403
    assert desk.as_("dispatcher").post("/api/vans/999/say", json={"text": "x"}).status_code == 404
    assert desk.as_("dispatcher").get("/api/vans/999/say").status_code == 404
