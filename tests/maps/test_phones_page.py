"""A district's telephone numbers, from the form to the boards."""

from __future__ import annotations

import httpx2

from fleet import accounts
from fleet.session import COOKIE, csrf_for
from tests.maps.product import Product
from tests.maps.test_runsheet_page import account_of
from tests.replay.serving import log_in


def test_telephone_numbers_are_kept_by_dispatchers_and_stand_on_the_boards(shared: Product) -> None:
    account, district_id = account_of(shared, "planner"), shared.stage.district_id
    form = {"label": ["值班室", ""], "label_en": ["Duty desk", ""], "number": ["0635-8123456", ""]}
    english = {"Accept-Language": "en", "Origin": shared.address}
    with httpx2.Client(base_url=shared.address, trust_env=False, headers=english) as client:
        roles: dict[accounts.Role, int] = {"viewer": 403, "dispatcher": 303}
        for role, status in roles.items():
            session = log_in(shared.context.engine, account, district_id, role)
            client.cookies.clear()
            client.cookies.set(COOKIE, session)
            form["csrf_token"] = [csrf_for(shared.context, session)]
            assert client.post("/beats/phones", data=form).status_code == status
        board = client.get("/beats/board").text
        assert "Duty desk <b>0635-8123456</b>" in board and "Service telephone" not in board
        assert 'value="0635-8123456"' in client.get("/shares").text
        client.headers["Accept-Language"] = "zh"
        assert "值班室 <b>0635-8123456</b>" in client.get("/beats/board").text
        form["number"] = ["call me", ""]
        refused = client.post("/beats/phones", data=form)
        assert refused.status_code == 422 and "“call me”不是电话号码" in refused.json()["error"]
        form["label"], form["label_en"], form["number"] = ([""] * 2 for _ in range(3))
        assert client.post("/beats/phones", data=form).status_code == 303
        assert "服务电话" in client.get("/beats/board").text
