"""VROOM problems over HTTP: its clients' JSON in, its JSON out."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from fleet import audit
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import TooMany
from fleet.session import Principal, require
from routing.vroom import solve_json

router = APIRouter(prefix="/api/plans")
AT_ONCE: Final = 2
"""Each keeps a core busy."""
running = threading.BoundedSemaphore(AT_ONCE)


@router.post("/vroom")
async def vroom(
    request: Request,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("planner"))],
    seconds: Annotated[float, Query(ge=0.1, le=60)] = 5.0,
    given: bool = False,
) -> dict[str, Any]:
    """Solve a problem here and now; nothing of it is stored.

    Raises
    ------
    InvalidInput : something in it cannot be right; the sentence names the row.
    Unavailable : it has no matrices, and no road server answers.
    TooMany : as many as may are being solved.
    """
    text = await request.body()
    if not running.acquire(blocking=False):
        raise TooMany("{n} problems are being solved already. Try again in a minute.", n=AT_ONCE)
    try:
        return await run_in_threadpool(_solve, context, who, text, seconds, given)
    finally:
        running.release()


def _solve(context: Context, who: Principal, text: bytes, seconds: float, given: bool) -> dict[str, Any]:
    made = solve_json(text, context.roads, seconds=seconds, given=given)
    with translate_errors(), context.engine.begin() as conn:
        tasks = made["summary"]["unassigned"] + sum(len(route["steps"]) for route in made["routes"])
        audit.record(
            conn, who.actor, "plan.vroom", f"district:{who.district_id}", who.district_id, steps=tasks
        )
    return made
