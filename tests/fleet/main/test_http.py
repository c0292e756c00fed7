from starlette.testclient import TestClient

from fleet.main.app import create_app
from tests.fleet.main.conftest import Desk

PAGE = {"Accept": "text/html"}


def test_nobody_gets_a_page_without_logging_in(desk: Desk) -> None:
    answer = desk.client.get("/plan", headers=PAGE, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/plan"
    assert desk.client.get("/api/sos").status_code == 401


def test_an_unknown_page_says_so_in_the_persons_language(desk: Desk) -> None:
    english = desk.client.get("/nowhere", headers={**PAGE, "Accept-Language": "en"})
    assert english.status_code == 404
    assert "There is no page /nowhere" in english.text
    chinese = desk.client.get("/nowhere", headers={**PAGE, "Accept-Language": "zh-CN"})
    assert "/nowhere" in chinese.text
    assert "There is no page" not in chinese.text


def test_a_wrong_field_is_named(desk: Desk) -> None:
    answer = desk.as_("dispatcher").post(
        "/api/sos", json={"lon": 999, "lat": 36}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The field lon is above 180")


def test_a_method_that_is_not_served_is_answered_as_such(desk: Desk) -> None:
    answer = desk.client.delete("/healthz")
    assert (answer.status_code, "405" in answer.json()["error"]) == (405, True)


def test_our_own_mistake_shows_no_stack_trace(desk: Desk) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    app = create_app(desk.context)
    app.add_api_route("/broken", broken)
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 503
    assert "secret detail" not in answer.text


def test_alive(desk: Desk) -> None:
    assert desk.client.get("/healthz").text == "ok\n"
