from pathlib import Path

from starlette.testclient import TestClient

from fleet.main.app import create_app
from fleet.main.guard import Guard
from tests.world import context_on


def test_the_whole_application_starts_and_stops(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, TestClient(create_app(context)) as client:
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/login").status_code == 200


def test_one_guard_stands_before_everything(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        app = create_app(context)
        assert [str(each.cls) for each in app.user_middleware] == [str(Guard)]
        paths = {getattr(route, "path", "") for route in app.routes}
    assert not {"/docs", "/redoc", "/openapi.json"} & paths
