"""What the command line does to geofences; each function is one command."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from fleet import audit, registry
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.main.registering import ACTOR
from fleet.words import locale_of_environment, translate
from tracking import fence_file, fence_store
from tracking.fence_file import Read, Refused


def take_in(context: Context, district_id: int, file: Path) -> int:
    """Take a GeoJSON file of fences in and print its report; 0 when all were taken, else 1 and none was.

    Raises
    ------
    InvalidInput : the file as a whole cannot be read.
    NotFound : no such district.
    """
    data = _bytes_of(file)
    with translate_errors(), context.engine.begin() as conn:
        read, known = _take(conn, context, district_id, data)
        taken = 0 if read.refused else len(read.drafts)
        audit.record(conn, ACTOR, "fence.import", file.name, district_id, taken=taken)
    _report(read, known, file.name)
    return 1 if read.refused else 0


def show(context: Context, district_id: int) -> None:
    """Print all fences of a district."""
    with translate_errors(), context.engine.connect() as conn:
        registry.district(conn, district_id)
        entries = fence_store.entries(conn, district_id)
    lines = [("CODE", "KIND", "REACH", "TELLS", "STATE", "NAME")]
    for each in entries:
        reach = "-" if each.radius_m is None else f"{each.radius_m:g} m"
        state = "in use" if each.retired_at is None else "retired"
        lines.append((each.code, each.kind, reach, ",".join(each.tells) or "-", state, each.name))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def retire(context: Context, district_id: int, code: str) -> None:
    """Let a fence count no more.

    Raises
    ------
    NotFound : no such fence is in use.
    """
    with translate_errors(), context.engine.begin() as conn:
        registry.district(conn, district_id)
        fence_id = fence_store.retire(conn, district_id, code, context.clock.now())
        audit.record(conn, ACTOR, "fence.retire", f"fence:{fence_id}", district_id)
    print(f"Fence {code} counts no more.")


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be read ({why}). Check its name.", file=file, why=error.strerror
        ) from None


def _take(conn: sa.Connection, context: Context, district_id: int, data: bytes) -> tuple[Read, int]:
    """Read, and keep all unless one is refused; with how many were known."""
    district = registry.district(conn, district_id)
    van_ids = {van.code: van.id for van in registry.vans(conn, district_id)}
    read = fence_file.read(data, van_ids, (district.lon, district.lat))
    if read.refused:
        return read, 0
    return read, fence_store.put(conn, district_id, read.drafts, context.clock.now())


def _report(read: Read, known: int, file: str) -> None:
    locale = locale_of_environment(os.environ)
    for each in read.refused:
        print(f"{_named(each)}: {translate(locale, each.why.text, **each.why.params)}")
    if read.ignored:
        print(translate(locale, "Properties not used: {names}.", names=", ".join(read.ignored)))
    refused, taken = len(read.refused), len(read.drafts)
    if refused:
        print(
            translate(
                locale,
                "{file}: {refused} of {features} features are refused, so nothing was imported. "
                "Correct them and import the file again.",
                file=file, refused=refused, features=refused + taken,
            )
        )  # fmt: skip
        return
    print(
        translate(
            locale, "{file}: {features} fences imported, {new} new and {known} changed.",
            file=file, features=taken, new=taken - known, known=known,
        )
    )  # fmt: skip


def _named(refused: Refused) -> str:
    locale = locale_of_environment(os.environ)
    if not refused.code:
        return translate(locale, "Feature {number}", number=refused.number)
    return translate(locale, "Feature {number} ({code})", number=refused.number, code=refused.code)
