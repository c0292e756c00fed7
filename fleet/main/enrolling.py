"""An administrator lets a JT/T 808 device register itself: once, within ten minutes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from fleet import audit, registry, terminals
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import NotFound
from fleet.session import Principal, require
from fleet.units import ms_of

router = APIRouter()


@router.post("/api/terminals/{terminal_id}/enrolment")
def open_enrolment(
    terminal_id: int,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("administrator"))],
) -> dict[str, int]:
    """Open the terminal's window; `until` is epoch milliseconds on the wall's clock.

    Raises
    ------
    NotFound : the district has no such terminal.
    InvalidInput : it is no JT/T 808 device, or its number is not known.
    """
    with translate_errors(), context.engine.begin() as conn:
        if terminal_id not in {each.id for each in registry.terminals(conn, who.district_id)}:
            raise NotFound("There is no terminal {terminal} in this district.", terminal=terminal_id)
        until = terminals.open_enrolment(conn, terminal_id, wall_now())
        audit.record(conn, who.actor, "terminal.enrolment", f"terminal:{terminal_id}", who.district_id)
    return {"until": ms_of(until)}
