from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from fleet.session import Principal, csrf_for, find_principal, origin_is_ours
from tests.world import context_on, log_in, people


def asked(app: FastAPI, host: str, origin: str | None, scheme: str = "https") -> Request:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return Request(
        {"type": "http", "app": app, "scheme": scheme, "path": "/", "server": (host, 443), "headers": headers}
    )


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("https://care.example", True),
        ("http://care.example", False),
        ("https://care.example.evil.example", False),
        ("https://care.example:8443", False),
        ("null", False),
        (None, False),
    ],
)
def test_the_origin_has_to_be_exactly_ours(
    database: str, tmp_path: Path, origin: str | None, ours: bool
) -> None:
    app = FastAPI()
    with context_on(database, tmp_path) as app.state.context:
        assert origin_is_ours(asked(app, "care.example", origin)) is ours
    with context_on(database, tmp_path, public_url="https://care.example") as app.state.context:
        assert origin_is_ours(asked(app, "inside:8600", origin, "http")) is ours


def test_a_principal_has_the_role_given_and_those_below(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            world = people(conn)
            token = log_in(conn, world.district_id, "planner")
        who = find_principal(context, token)
        assert isinstance(who, Principal)
        assert (who.may("viewer"), who.may("planner"), who.may("administrator")) == (True, True, False)
        assert find_principal(context, None) is None
        assert find_principal(context, token + "x") is None
        assert csrf_for(context, token) != csrf_for(context, token + "x")
        assert token not in csrf_for(context, token)
