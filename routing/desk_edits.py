"""Edits as they are sent: by the registry's ids and visits' keys; shortcuts written out into plain edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fleet.errors import InvalidInput
from routing import desk, scenario
from routing.agenda import Agenda
from routing.change import Change
from routing.desk import Edit, Session
from routing.explain import Reason, explain
from routing.relaxing import edits_for
from routing.restored import visit_keys
from routing.scenario import Told
from routing.trouble import mends, troubles

SHORTCUTS: Final = ("relax", "mend")
"""`relax`: change what keeps a visit out, and put it in. `mend`: change what the plan breaks."""
_PLAIN: Final = ("move", "add", "remove", "lock", "unlock", "forbid", "allow", "change", "hold")
_VAN_NEEDED: Final = ("forbid", "allow")
_MOVING: Final = ("move", "add", "remove", "lock", "forbid")
"""What cannot be done to a visit that its van has begun."""
_COMING_AND_GOING: Final = ("van_more", "van_down")


@dataclass(frozen=True, slots=True)
class Form:
    """One edit: `visit` is a key, `van` a row's id."""

    kind: str
    visit: str | None = None
    van: int | None = None
    position: int | None = None
    change: Told | None = None

    def as_json(self) -> dict[str, Any]:
        """Without what is not said."""
        every = {"visit": self.visit, "van": self.van, "position": self.position}
        change = {} if self.change is None else {"change": self.change.as_json()}
        return {"kind": self.kind, **{k: v for k, v in every.items() if v is not None}, **change}


def reasons_of(session: Session, visits: Sequence[int]) -> dict[int, tuple[Reason, ...]]:
    """For each visit why it is not served, as `explain` proves it.

    Of the vans that may serve it alone, while any may.
    """
    made = desk.plan(session)
    found = explain(session.problem, replace(made, unserved=tuple(visits)))
    mine = {n: tuple(r for r in found.get(n, ()) if _may(session, r.van, n)) for n in visits}
    return {n: mine[n] or tuple(found.get(n, ())) for n in visits}


def _may(session: Session, van: int, visit: int) -> bool:
    vans = session.problem.visits[visit].vans
    return vans is None or van in vans


def check_free(session: Session, edit: Edit, form: Form) -> None:
    """Refuse to move what is held among a van's first stops.

    Raises
    ------
    InvalidInput : it is held.
    """
    if edit.kind in _MOVING and any(edit.visit in van.prefix for van in session.problem.vans):
        raise InvalidInput(
            "{visit} is held among the first stops of its van. Let the order go first.", visit=form.visit
        )


class Reader:
    """Reads forms one after the other; `agenda`, `told` and `forms` keep what has been read."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda
        self.keys = {key: n for n, key in enumerate(visit_keys(agenda))}
        self.vans = {van_id: n for n, van_id in enumerate(agenda.van_ids)}
        self.told: list[Told] = []
        self.forms: list[Form] = []

    def written_out(self, session: Session, form: Form) -> tuple[Form, ...]:
        """The plain edits that a form stands for.

        Raises
        ------
        InvalidInput : no change of the plan helps.
        """
        if form.kind == "mend":
            return self._changes(mends(session, troubles(session)))
        return self._relaxed(session, form) if form.kind == "relax" else (form,)

    def _changes(self, changes: Sequence[Change]) -> tuple[Form, ...]:
        if not changes:
            raise InvalidInput("No change of the day would mend this. Undo the last edit.")
        return tuple(Form("change", change=scenario.tell(self.agenda, each)) for each in changes)

    def _relaxed(self, session: Session, form: Form) -> tuple[Form, ...]:
        """The smallest change for the visit on the van asked for, or on the nearest one; then the visit."""
        visit = self.visit(form)
        for reason in reasons_of(session, [visit])[visit]:
            edits = edits_for(session, visit, reason)
            if edits is not None and form.van in (None, self.agenda.van_ids[reason.van]):
                return tuple(self.form(each) for each in edits)
        raise InvalidInput("No change of the day would let {visit} in.", visit=form.visit)

    def form(self, edit: Edit) -> Form:
        """An edit by the registry's ids: of a visit, a change, or a reload that is put in."""
        if edit.change is not None:
            return Form("change", change=scenario.tell(self.agenda, edit.change))
        key = next((key for key, n in self.keys.items() if n == edit.visit), None)
        if edit.call is not None:
            key = f"new:{edit.call.kind}:{edit.call.index}"
        return Form(edit.kind, key, None if edit.van < 0 else self.agenda.van_ids[edit.van], edit.position)

    def edit(self, form: Form) -> Edit:
        """A plain edit with its ids looked up.

        Raises
        ------
        InvalidInput : there is no such edit, visit, van or change.
        """
        if form.kind == "change":
            return Edit("change", change=self.change(form))
        if form.kind == "hold":
            return self._hold(form)
        kind = next((each for each in _PLAIN if each == form.kind), None)
        if kind is None:
            raise InvalidInput(
                "There is no edit called {kind}. Use one of {kinds}.",
                kind=form.kind,
                kinds=", ".join((*_PLAIN, *SHORTCUTS)),
            )
        if kind in _MOVING and any(self.visit(form) in van.prefix for van in self.agenda.problem.vans):
            raise InvalidInput(
                "The van has begun {visit}: it is done, under way or being driven to, and stands fast.",
                visit=form.visit,
            )
        if form.van is None and kind in _VAN_NEEDED:
            raise InvalidInput("Say on which van {visit} is meant.", visit=form.visit)
        return Edit(kind, self.visit(form), -1 if form.van is None else self.van(form.van), form.position)

    def _hold(self, form: Form) -> Edit:
        if form.van is None or form.position is None:
            raise InvalidInput("Say of which van how many first stops are to be held.")
        return Edit("hold", van=self.van(form.van), position=form.position)

    def change(self, form: Form) -> Change:
        """A change that leaves the vans as they are."""
        if form.change is None:
            raise InvalidInput("The change is missing. Say what is to be assumed.")
        if form.change.kind in _COMING_AND_GOING:
            raise InvalidInput("A van comes or goes in a scenario that is planned anew, not in an edit.")
        return scenario.change_of(self.agenda, form.change)

    def keep(self, form: Form) -> None:
        """Remember a form that has been carried out."""
        self.forms.append(form)
        if form.change is not None:
            self.told.append(form.change)
            self.agenda = scenario.make(self.agenda, [form.change])

    def visit(self, form: Form) -> int:
        """The visit of a form."""
        if form.visit not in self.keys:
            raise InvalidInput(
                "The visit {visit} is not asked for on this day any more. Load the page again.",
                visit=form.visit,
            )
        return self.keys[form.visit]

    def van(self, van_id: int) -> int:
        """A van by its id."""
        if van_id not in self.vans:
            raise InvalidInput("Van {van} has no shift on this day. Choose a van of the day.", van=van_id)
        return self.vans[van_id]
