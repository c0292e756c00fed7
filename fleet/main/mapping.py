"""Maps as documents on the command line."""

from __future__ import annotations

from pathlib import Path

from fleet import audit
from fleet.context import Context
from fleet.errors import InvalidInput
from fleet.main import npm
from maps import assets, document_page
from maps.document import DETAILS, KINDS, Detail, Kind
from maps.document_store import Order


def kind_of(text: str) -> Kind:
    """A kind of document as typed.

    Raises
    ------
    InvalidInput : there is none of this name.
    """
    for kind in KINDS:
        if kind == text:
            return kind
    raise InvalidInput("There is no map {kind!r}. Choose one of {kinds}.", kind=text, kinds=", ".join(KINDS))


def detail_of(text: str) -> Detail:
    """How much a document tells, as typed.

    Raises
    ------
    InvalidInput : there is none of this name.
    """
    for detail in DETAILS:
        if detail == text:
            return detail
    raise InvalidInput(
        "There is no detail {detail!r}. Choose one of {details}.", detail=text, details=", ".join(DETAILS)
    )


def write_map(context: Context, order: Order, out: Path) -> None:
    """Write a document into a file, whole or not at all.

    Raises
    ------
    InvalidInput : the file cannot be written.
    NotFound : no such district, or no published plan where it is the plan that is asked for.
    Unavailable : the browser assets cannot be fetched.
    """
    assets.install(context.settings.vendor_dir, npm.command(context.settings.home))
    whole = document_page.written(context, order)
    fresh = out.with_name(f".{out.name}.new")
    try:
        fresh.write_text(whole, encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be written ({why}). Give another with --out.",
            file=out, why=error.strerror,
        ) from None  # fmt: skip
    with context.engine.begin() as conn:
        audit.record(
            conn, "command", "map.export", f"map:{order.kind}", order.district_id,
            day=str(order.day or ""), detail=order.detail,
        )  # fmt: skip
    print(f"{out}: {len(whole.encode()) / 1e6:.1f} MB", flush=True)
