import sqlalchemy as sa

from fleet import tables, terminals
from tests.fleet.main.conftest import Desk


def test_a_screen_takes_a_van_over_from_its_simulator(desk: Desk) -> None:
    van = desk.world.vans[0]
    code = desk.as_("dispatcher").post(f"/api/vans/{van}/pairing").json()["code"]
    assert len(code) == 8
    paired = desk.client.post("/terminal/pair", json={"code": f"{code[:4]} {code[4:]}"}).json()
    assert (paired["van"]["id"], paired["van"]["name"]) == (van, "1号车")
    with desk.context.engine.connect() as conn:
        screen = terminals.by_token(conn, paired["token"])
        assert screen is not None and screen.kind == "screen"
        assert terminals.by_token(conn, desk.world.tokens[0]) is None
        assert terminals.by_token(conn, desk.world.tokens[1]) is not None
        kept = conn.scalars(sa.select(tables.pairing.c.code_hash)).all()
    assert code.encode() not in kept


def test_a_code_is_good_once(desk: Desk) -> None:
    code = desk.as_("dispatcher").post(f"/api/vans/{desk.world.vans[0]}/pairing").json()["code"]
    assert desk.client.post("/terminal/pair", json={"code": code}).status_code == 200
    again = desk.client.post("/terminal/pair", json={"code": code}, headers={"Accept-Language": "en"})
    assert again.status_code == 404
    assert "Ask the office" in again.json()["error"]


def test_only_a_dispatcher_gives_codes_and_only_for_their_vans(desk: Desk) -> None:
    assert desk.as_("viewer").post(f"/api/vans/{desk.world.vans[0]}/pairing").status_code == 403
    assert desk.as_("dispatcher").post("/api/vans/999/pairing").status_code == 404
