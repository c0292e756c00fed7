"""Words from the office to a crew: put into the van's outbox, shown and spoken by its screen."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from fleet import audit, outbox, registry, tables
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import InvalidInput, NotFound
from fleet.session import Principal, require
from fleet.units import ms_of

MOST_CHARACTERS = 200
_SHOWN = 5

router = APIRouter()
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
InContext = Annotated[Context, Depends(get_context)]


class SayForm(BaseModel):
    """What the crew should read."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=4000)


@router.post("/api/vans/{van_id}/say", status_code=201)
def say(van_id: int, form: SayForm, context: InContext, who: Dispatcher) -> dict[str, int]:
    """Tell a crew something; it is delivered when the van's screen has the network.

    Raises
    ------
    InvalidInput : nothing said, or more than 200 characters.
    NotFound : the district has no such van.
    """
    text = " ".join(form.text.split())
    if not 1 <= len(text) <= MOST_CHARACTERS:
        raise InvalidInput(
            "The message has {n} characters; write 1 to {most}.", n=len(text), most=MOST_CHARACTERS
        )
    now = context.clock.now()
    with translate_errors(), context.engine.begin() as conn:
        _must_be_ours(conn, who.district_id, van_id)
        seq = outbox.put(conn, van_id, "say", {"text": text, "at": ms_of(now)}, now)
        # The words may name a person, so that the audit keeps their length and where they stand.
        audit.record(
            conn, who.actor, "van.say", f"van:{van_id}", who.district_id, seq=seq, characters=len(text)
        )
    return {"seq": seq}


@router.get("/api/vans/{van_id}/say")
def said(van_id: int, context: InContext, who: Dispatcher) -> list[dict[str, Any]]:
    """What a crew was told last, the newest first, and whether the van's screen has drawn it.

    Raises
    ------
    NotFound : the district has no such van.
    """
    sent, seen, terminal = tables.outbox, tables.terminal_seen, tables.terminal
    drawn = (
        sa.select(sa.func.coalesce(sa.func.max(seen.c.seq), 0))
        .join(terminal, terminal.c.id == seen.c.terminal_id)
        .where(terminal.c.van_id == van_id)
        .scalar_subquery()
    )
    query = (
        sa.select(sent.c.body, sent.c.created_at, (sent.c.seq <= drawn).label("drawn"))
        .where(sent.c.van_id == van_id, sent.c.kind == "say")
        .order_by(sent.c.seq.desc())
        .limit(_SHOWN)
    )
    with context.engine.connect() as conn:
        _must_be_ours(conn, who.district_id, van_id)
        rows = conn.execute(query).all()
    return [{"text": row.body["text"], "at": ms_of(row.created_at), "drawn": row.drawn} for row in rows]


def _must_be_ours(conn: sa.Connection, district_id: int, van_id: int) -> None:
    if van_id not in {each.id for each in registry.vans(conn, district_id)}:
        raise NotFound("There is no van {van} in this district.", van=van_id)
