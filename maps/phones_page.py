"""Keeping a district's telephone numbers, from the form beside its boards at `/shares`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from fleet import audit, phones
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.phones import Phone
from fleet.session import Principal, require

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Texts = Annotated[list[str], Form(max_length=100)]


@router.post("/beats/phones")
def keep_phones(
    context: InContext, who: Dispatcher, label: Texts, label_en: Texts, number: Texts
) -> Response:
    """Keep the rows of the form as the district's numbers; empty rows are left out.

    Raises
    ------
    InvalidInput : as `fleet.phones.checked`; or a row lacks a field.
    """
    if not len(label) == len(label_en) == len(number):
        raise InvalidInput("The form has come in part only. Load the page again.")
    wanted = phones.checked(map(Phone, label, label_en, number))
    with translate_errors(), context.engine.begin() as conn:
        kept = phones.set_phones(conn, who.district_id, wanted)
        audit.record(conn, who.actor, "phones.set", f"district:{who.district_id}", who.district_id, n=kept)
    return RedirectResponse("/shares#phones", status_code=303)
