import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from fleet import outbox, tables
from fleet.clock import wall_now
from fleet.sos_webhook import SIGNATURE_HEADER, secret_of, sign
from tests.fleet.main.conftest import Desk
from tests.world import HOME, OPENS, seen


def a_webhook(desk: Desk) -> tuple[int, str]:
    with desk.context.engine.begin() as conn:
        values = {"district_id": desk.world.district_id, "name": "紧急按钮", "created_at": wall_now()}
        number = conn.execute(
            tables.webhook.insert().values(values).returning(tables.webhook.c.id)
        ).scalar_one()
    return number, secret_of(desk.context.key, number, 1)


def send(desk: Desk, number: int, secret: str, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    body = json.dumps(call).encode()
    header = {SIGNATURE_HEADER: sign(secret, body, wall_now())}
    answer = desk.client.post(f"/hooks/sos/{number}", content=body, headers=header)
    return answer.status_code, answer.json()


def test_a_signed_call_is_taken_once(desk: Desk) -> None:
    number, secret = a_webhook(desk)
    first = send(desk, number, secret, {"key": "k1", "recipient": "r1"})
    assert first[0] == 201
    assert send(desk, number, secret, {"key": "k1", "recipient": "r1"}) == (200, first[1])
    (case,) = desk.as_("viewer").get("/api/sos").json()
    assert (case["state"], case["who"], case["lon"]) == ("called", "刘*珍", HOME[0])


def test_a_forged_call_and_an_unknown_elder_are_refused(desk: Desk) -> None:
    number, secret = a_webhook(desk)
    assert send(desk, number, "0" * 64, {"key": "k1", "recipient": "r1"})[0] == 403
    assert send(desk, number, secret, {"key": "k2", "recipient": "nobody"})[0] == 404
    assert send(desk, number, secret, {"key": "k3"})[0] == 422
    assert send(desk, 999, secret, {"key": "k1", "recipient": "r1"})[0] == 404
    assert desk.as_("viewer").get("/api/sos").json() == []


def test_the_nearest_free_van_is_offered_the_call_with_a_receipt(desk: Desk) -> None:
    near, far = desk.world.vans
    with desk.context.engine.begin() as conn:
        seen(conn, desk.world, near, (HOME[0] + 0.002, HOME[1]), OPENS)
        seen(conn, desk.world, far, (HOME[0] + 0.05, HOME[1]), OPENS)
    dispatcher = desk.as_("dispatcher")
    made = dispatcher.post("/api/sos", json={"recipient": "r1"})
    assert made.status_code == 201
    case = dispatcher.post(f"/api/sos/{made.json()['sos']}/offer").json()
    assert (case["state"], case["van"]) == ("offered", near)
    (decision,) = case["receipt"]["decisions"]
    assert [each["van"] for each in decision["candidates"]] == [near, far]
    assert 0 < decision["candidates"][0]["eta_s"] < decision["candidates"][1]["eta_s"]
    with desk.context.engine.connect() as conn:
        (message,) = outbox.after(conn, near, 0)
        assert (message.kind, message.body["id"]) == ("task", f"sos:{case['sos']}")
        actions = conn.scalars(sa.select(tables.audit.c.action)).all()
    assert {"sos.call", "sos.offer"} <= set(actions)


def test_a_van_not_heard_of_for_a_minute_is_not_sent(desk: Desk) -> None:
    with desk.context.engine.begin() as conn:
        seen(conn, desk.world, desk.world.vans[0], HOME, OPENS - timedelta(minutes=5))
    dispatcher = desk.as_("dispatcher")
    number = dispatcher.post("/api/sos", json={"recipient": "r1"}).json()["sos"]
    answer = dispatcher.post(f"/api/sos/{number}/offer")
    assert answer.status_code == 409
    # The dispatcher knows more than the machine: their word counts.
    chosen = dispatcher.post(f"/api/sos/{number}/offer", json={"van": desk.world.vans[1]})
    assert chosen.json()["van"] == desk.world.vans[1]
    assert (
        dispatcher.post(f"/api/sos/{number}/close", json={"outcome": "家属已到"}).json()["state"] == "closed"
    )
    assert dispatcher.post(f"/api/sos/{number}/close").status_code == 409


def test_another_districts_call_does_not_exist(desk: Desk) -> None:
    assert desk.as_("dispatcher").post("/api/sos/12345/see").status_code == 404
