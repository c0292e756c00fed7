"""Reloads and beat passes as the desk names them: where they stand now, and those that may be put in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fleet.errors import InvalidInput
from fleet.units import ms_of
from fleet.words import translate
from routing.desk import Edit, Session
from routing.desk_edits import Form, Reader
from routing.desk_sheet import View
from routing.desk_words import beat_name, site_name
from routing.place import locked
from routing.timetable import Call

KINDS: Final = ("reload", "pass")
_DEEDS: Final = ("move", "add", "remove")


def is_errand(form: Form) -> bool:
    """Whether an edit is about a reload or a pass: their names have colons, visits' keys have none."""
    return form.visit is not None and ":" in form.visit


def edit_of(reader: Reader, session: Session, form: Form) -> Edit:
    """An edit of a reload or a pass: `reload:3:5` is van 3's call number 5, `new:pass:7` a pass of cell 7.

    Raises
    ------
    InvalidInput : there is no such thing, it stands fast, or that cannot be done to it.
    """
    kind = next((each for each in _DEEDS if each == form.kind), None)
    parts = (form.visit or "").split(":")
    if kind is None or len(parts) != 3 or not parts[2].isascii() or not parts[2].isdigit():
        raise _gone(form)
    van = -1 if form.van is None else reader.van(form.van)
    if parts[0] == "new":
        return Edit(kind, -1, van, form.position, call=_new(session, form, parts[1], int(parts[2])))
    if not parts[1].lstrip("-").isdigit():
        raise _gone(form)
    on, at = reader.van(int(parts[1])), int(parts[2])
    calls = session.orders[on]
    if at >= len(calls) or calls[at].kind != parts[0] or parts[0] not in KINDS:
        raise _gone(form)
    if at < locked(session.problem, on, calls):
        raise InvalidInput("This stands among what the van has begun or is held to first: it stands fast.")
    return Edit(kind, -1, van, form.position, origin=(on, at))


def _new(session: Session, form: Form, kind: str, index: int) -> Call:
    problem = session.problem
    if form.kind != "add" or index >= {"reload": len(problem.kitchens), "pass": len(problem.cells)}.get(
        kind, 0
    ):
        raise _gone(form)
    return Call("reload", index) if kind == "reload" else Call("pass", index)


def _gone(form: Form) -> InvalidInput:
    return InvalidInput(
        "There is no {what} to {kind} on this day. Load the page again.", what=form.visit, kind=form.kind
    )


def offered(view: View) -> Iterator[dict[str, Any]]:
    """What may be put in by hand: each batch of each kitchen, each cell of a beat that somebody patrols."""
    agenda, problem, locale = view.agenda, view.agenda.problem, view.locale
    for n, kitchen in enumerate(problem.kitchens):
        place = site_name(view.ground, agenda.site_ids[kitchen.site], locale)
        ready = f"{kitchen.ready_s // 3600 % 24:02d}:{kitchen.ready_s // 60 % 60:02d}"
        yield {
            "key": f"new:reload:{n}",
            "kind": "reload",
            "name": translate(locale, "{place}, batch of {time}", place=place, time=ready),
            "at": _at(view, kitchen.site),
            "windows": [[ms_of(agenda.at(kitchen.from_s)), ms_of(agenda.at(kitchen.window.closes_s))]],
        }
    count: dict[int, int] = {}
    for n, cell in enumerate(problem.cells):
        beat = agenda.beat_ids[n]
        count[beat] = count.get(beat, 0) + 1
        name = translate(locale, "{beat}, cell {n}", beat=beat_name(view.ground, beat, locale), n=count[beat])
        yield {"key": f"new:pass:{n}", "kind": "pass", "name": name, "at": _at(view, cell.site)}


def _at(view: View, site: int) -> list[float]:
    place = view.agenda.problem.sites[site]
    return [place.lon, place.lat]
