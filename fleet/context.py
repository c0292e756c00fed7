"""What every request and job is given: settings, database, clock, roads, key."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import HTTPConnection, Request

from fleet.clock import Clock
from fleet.roads import Roads
from fleet.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Made once a process by `fleet.main`."""

    settings: Settings
    database_url: str
    engine: sa.Engine
    clock: Clock
    roads: Roads
    key: bytes


def context_of(connection: HTTPConnection) -> Context:
    """The context of the application that serves a request or a WebSocket."""
    context = connection.app.state.context
    assert isinstance(context, Context)
    return context


def get_context(request: Request) -> Context:
    """`context_of` as a FastAPI dependency."""
    return context_of(request)
