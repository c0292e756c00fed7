from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request

from fleet.context import context_of, get_context
from tests.world import context_on


def test_requests_find_their_applications_context(database: str, tmp_path: Path) -> None:
    app = FastAPI()
    with context_on(database, tmp_path) as context:
        app.state.context = context
        request = Request({"type": "http", "app": app, "headers": []})
        assert context_of(request) is get_context(request) is context
