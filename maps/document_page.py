"""Documents to take away: one HTML file each, asked for by a button or on the command line."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import audit
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import Forbidden, Unavailable
from fleet.session import Principal, require
from fleet.words import translate
from maps import assets, document_store
from maps.document import Detail, Kind
from maps.document_store import Order
from maps.inline import inline
from maps.pages import STATIC_DIR, environment, locale_of
from maps.render import draw_document

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]


@router.get("/documents/{kind}")
def document(
    kind: Kind,
    request: Request,
    context: InContext,
    who: Dispatcher,
    day: date | None = None,
    detail: Detail = "shared",
) -> Response:
    """A document as a file; one that is exact is for planners.

    Raises
    ------
    Forbidden : an exact document, and whoever asks is no planner.
    NotFound : the day has no published plan where it is the plan that is asked for.
    """
    if detail != "shared" and not who.may("planner"):
        raise Forbidden("Only planners may take an exact map away. Ask for the shared one.")
    order = Order(kind, who.district_id, day, detail, locale_of(request))
    with translate_errors():
        whole = written(context, order)
        with context.engine.begin() as conn:
            audit.record(
                conn,
                who.actor,
                "map.export",
                f"map:{kind}",
                who.district_id,
                day=str(day or ""),
                detail=detail,
            )
    name = f"carevan-{kind}{f'-{day}' if day else ''}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(whole, media_type="text/html; charset=utf-8", headers=headers)


def written(context: Context, order: Order) -> str:
    """A document as one page that asks nobody for anything.

    Raises
    ------
    NotFound : no such district, or no published plan where it is the plan that is asked for.
    Unavailable : the browser assets are not there.
    """
    made = document_store.make(context, order)
    locale = order.locale
    words = {
        "zoom_in": translate(locale, "Zoom in"),
        "zoom_out": translate(locale, "Zoom out"),
        "at": translate(locale, "{time}: reached within 15 min {share}, within 1,000 m of a centre {static}"),
    }
    page = (
        environment(locale)
        .get_template("document.html")
        .render({"locale": locale, "document": made, "map": draw_document(made, words)})
    )
    vendor = context.settings.vendor_dir

    def read(address: str) -> bytes:
        root, _, path = address.removeprefix("/").partition("/")
        return ({"static": STATIC_DIR, "vendor": vendor}[root] / path).read_bytes()

    try:
        return inline(assets.check(page), read)
    except FileNotFoundError:
        raise Unavailable("The browser assets are not there. Run: ./carevan setup") from None
