"""A screen becomes a van's terminal: a one-time code from the office against a token of its own."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from fleet import audit, registry, tables, terminals
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import NotFound
from fleet.session import Principal, require
from replay.handover import handover

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]


class PairForm(BaseModel):
    """The code as it was typed."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1, max_length=20)


@router.post("/api/vans/{van_id}/pairing")
def new_code(
    van_id: int, context: InContext, who: Annotated[Principal, Depends(require("dispatcher"))]
) -> dict[str, str]:
    """A code that pairs one screen with a van, once, within ten minutes."""
    with translate_errors(), context.engine.begin() as conn:
        found = [each for each in registry.vans(conn, who.district_id) if each.id == van_id]
        if not found:
            raise NotFound("There is no van {van} in this district.", van=van_id)
        terminal_id = _screen_of(conn, who.district_id, found[0], context)
        code = terminals.pairing_code(conn, terminal_id, wall_now())
        audit.record(conn, who.actor, "terminal.pairing", f"terminal:{terminal_id}", who.district_id)
    return {"code": code}


def _screen_of(conn: sa.Connection, district_id: int, van: registry.Van, context: Context) -> int:
    screens = [
        each
        for each in registry.terminals(conn, district_id)
        if each.van_id == van.id and each.kind == "screen"
    ]
    if screens:
        return screens[0].id
    code = f"{van.code}-screen"
    return terminals.register(conn, district_id, van.id, code, kind="screen", now=context.clock.now())


@router.post("/terminal/pair")
def pair(form: PairForm, context: InContext) -> dict[str, Any]:
    """Use up a code. A simulator that drove this van gives way: its token ends."""
    code = "".join(c for c in form.code if c.isdigit())
    with translate_errors(), context.engine.begin() as conn:
        terminal_id, token = terminals.pair(conn, code, wall_now())
        t, v = tables.terminal, tables.van
        row = conn.execute(
            sa.select(
                t.c.district_id,
                t.c.code,
                v.c.id,
                v.c.code.label("van_code"),
                v.c.name,
                v.c.name_en,
                v.c.colour,
            )
            .join(v, v.c.id == t.c.van_id)
            .where(t.c.id == terminal_id)
        ).one()
        conn.execute(
            t.update()
            .where(t.c.van_id == row.id, t.c.kind == "simulator", t.c.revoked_at.is_(None))
            .values(revoked_at=wall_now())
        )
        audit.record(conn, f"terminal:{terminal_id}", "terminal.pair", f"van:{row.id}", row.district_id)
        zone = registry.district(conn, row.district_id).timezone
        # What was tapped and offered before, so that the screen goes on where the day stands.
        day_so_far = handover(conn, row.district_id, row.id, context.clock.now())
    van = {"id": row.id, "code": row.van_code, "name": row.name, "name_en": row.name_en, "colour": row.colour}
    screen = {"id": terminal_id, "code": row.code}
    return {"token": token, "van": van, "terminal": screen, "timezone": zone, **day_so_far}
