import re

import pytest

from tests.fleet.main.conftest import ORIGIN, Desk


def test_every_answer_carries_the_security_headers(desk: Desk) -> None:
    answer = desk.client.get("/login")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"script-src 'self' 'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert desk.client.get("/login").headers["content-security-policy"] != policy


def test_scripts_in_pages_carry_the_nonce(desk: Desk) -> None:
    answer = desk.as_("dispatcher").get("/")
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])
    assert nonce is not None
    scripts = [tag for tag in re.findall(r"<script[^>]*>", answer.text) if "application/json" not in tag]
    assert scripts
    assert [tag for tag in scripts if "src=" not in tag and f'nonce="{nonce[1]}"' not in tag] == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:81"])
def test_a_write_from_another_sites_page_is_refused(desk: Desk, origin: str) -> None:
    answer = desk.as_("dispatcher").post("/api/sos", json={"lon": 116, "lat": 36}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "error" in answer.json()


def test_a_write_without_the_csrf_token_is_refused(desk: Desk) -> None:
    answer = desk.as_("dispatcher").post(
        "/api/sos", json={"lon": 116, "lat": 36}, headers={"X-CSRF-Token": "x"}
    )
    assert answer.status_code == 403


def test_too_many_log_ins_from_one_address(desk: Desk) -> None:
    form = {"login": "dispatcher", "password": "wrong"}
    codes = [desk.client.post("/login", data=form, headers={"Origin": ORIGIN}).status_code for _ in range(12)]
    assert set(codes[:10]) == {401}
    assert codes[-1] == 429


def test_what_is_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    answer = desk.as_("dispatcher").post("/api/sos", content=b" " * (5 << 20))
    assert answer.status_code == 422
    assert "4 MiB" in answer.json()["error"]


def test_a_viewer_may_look_and_not_touch(desk: Desk) -> None:
    viewer = desk.as_("viewer")
    assert viewer.get("/api/sos").status_code == 200
    answer = viewer.post("/api/sos", json={"lon": 116, "lat": 36}, headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert "dispatcher" in answer.json()["error"]
