"""The whole application on a small district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fleet.accounts import Role
from fleet.context import Context
from fleet.main.app import create_app
from fleet.session import COOKIE, csrf_for
from tests.world import World, context_on, log_in, people

ORIGIN = "http://testserver"


@dataclass(frozen=True, slots=True)
class Desk:
    """An application, its district, and clients for people of each role."""

    context: Context
    world: World
    client: TestClient
    sessions: dict[Role, str] = field(default_factory=dict)

    def as_(self, role: Role) -> TestClient:
        """A browser of somebody logged in."""
        if role not in self.sessions:
            with self.context.engine.begin() as conn:
                self.sessions[role] = log_in(conn, self.world.district_id, role)
        token = self.sessions[role]
        headers = {"Origin": ORIGIN, "X-CSRF-Token": csrf_for(self.context, token)}
        return TestClient(
            self.client.app, cookies={COOKIE: token}, headers=headers, raise_server_exceptions=False
        )


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    """Without its background tasks: what they do is tested for itself."""
    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            world = people(conn)
        yield Desk(context, world, TestClient(create_app(context), raise_server_exceptions=False))
