from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing.agenda import Agenda, build
from routing.desk import Session, edited, opened, plan
from routing.desk_edits import Form, Reader, reasons_of
from routing.place import squeeze
from routing.scenario import Told
from routing.trouble import troubles
from tests.routing.town import DAY, seed


@pytest.fixture
def agenda(conn: sa.Connection) -> Agenda:
    """The town's day with shifts of two hours: not everybody can be served."""
    whole = build(conn, Roads(""), seed(conn), DAY)
    vans = tuple(replace(van, ends_s=van.starts_s + 7200, rest=None) for van in whole.problem.vans)
    return replace(whole, problem=replace(whole.problem, vans=vans))


@pytest.fixture
def session(agenda: Agenda) -> Session:
    return opened(agenda.problem, squeeze(agenda.problem, ((), ())))


def test_a_relaxation_is_written_out_and_lets_the_visit_in(agenda: Agenda, session: Session) -> None:
    left = plan(session).unserved
    assert left
    reader = Reader(agenda)
    keys = {n: key for key, n in reader.keys.items()}
    for form in reader.written_out(session, Form("relax", keys[left[0]])):
        session = edited(session, [reader.edit(form)])
        reader.keep(form)
    assert session.where(left[0]) is not None
    assert troubles(session) == ()
    assert [form.kind for form in reader.forms][-1] == "add"
    assert [told.kind for told in reader.told] == [
        form.kind and form.change.kind for form in reader.forms[:-1] if form.change
    ]
    assert reader.agenda.problem.vans[0] is not None


def test_reasons_are_told_of_the_vans_alone_that_may_come(agenda: Agenda, session: Session) -> None:
    left = plan(session).unserved[0]
    assert {reason.van for reason in reasons_of(session, [left])[left]} == {0, 1}
    reader = Reader(agenda)
    keys = {n: key for key, n in reader.keys.items()}
    banned = edited(session, [reader.edit(Form("forbid", keys[left], agenda.van_ids[0]))])
    assert {reason.van for reason in reasons_of(banned, [left])[left]} == {1}


def test_a_mend_of_what_no_change_mends_is_refused(agenda: Agenda, session: Session) -> None:
    with pytest.raises(InvalidInput, match="would mend"):
        Reader(agenda).written_out(session, Form("mend"))


@pytest.mark.parametrize(
    "form",
    [
        Form("swap", "p1"),
        Form("move", "nobody"),
        Form("forbid"),
        Form("change"),
        Form("change", change=Told("van_more", 1)),
    ],
)
def test_odd_forms_are_refused(agenda: Agenda, form: Form) -> None:
    with pytest.raises(InvalidInput):
        Reader(agenda).edit(form)


def test_forms_go_out_as_they_came_in() -> None:
    told = Told("shift", 3, minutes=5)
    assert Form("move", "p1", 2, 0).as_json() == {"kind": "move", "visit": "p1", "van": 2, "position": 0}
    assert Form("change", change=told).as_json() == {
        "kind": "change", "change": {"kind": "shift", "van": 3, "minutes": 5},
    }  # fmt: skip
