from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing.desk import Edit, Session, edited, opened
from routing.desk_edits import Form, Reader
from routing.desk_errands import edit_of, is_errand, offered
from routing.desk_sheet import view_of
from routing.patrol import fill
from routing.place import squeeze
from routing.shelf import Ground, read
from tests.routing.town import DAY, seed


@pytest.fixture
def ground(conn: sa.Connection) -> Ground:
    return read(conn, Roads(""), seed(conn), DAY)


def session_of(ground: Ground) -> Session:
    problem = ground.agenda.problem
    return opened(problem, fill(problem, squeeze(problem, ((), ()))))


def test_what_the_day_offers_can_be_put_in(ground: Ground) -> None:
    session, reader = session_of(ground), Reader(ground.agenda)
    found = list(offered(view_of(ground, "zh")))
    assert {each["kind"] for each in found} == {"reload", "pass"}
    assert "12:00 出餐" in next(each["name"] for each in found if each["kind"] == "reload")
    assert len({each["name"] for each in found}) == len(found)
    van = ground.agenda.van_ids[1]
    for kind in ("reload", "pass"):
        key = next(each["key"] for each in found if each["kind"] == kind)
        form = Form("add", key, van, 2)
        assert is_errand(form)
        after = edited(session, [edit_of(reader, session, form)])
        assert after.orders[1][2].kind == kind


def test_what_stands_is_moved_and_taken_out(ground: Ground) -> None:
    session, reader = session_of(ground), Reader(ground.agenda)
    at = next(n for n, call in enumerate(session.orders[0]) if call.kind == "pass")
    ids = ground.agenda.van_ids
    key = f"pass:{ids[0]}:{at}"
    moved = edited(session, [edit_of(reader, session, Form("move", key, ids[1], 0))])
    assert moved.orders[1][0] == session.orders[0][at]
    gone = edited(session, [edit_of(reader, session, Form("remove", key))])
    assert gone.orders[0] == (*session.orders[0][:at], *session.orders[0][at + 1 :])


def test_what_is_not_there_or_stands_fast_is_refused_in_a_sentence(ground: Ground) -> None:
    session, reader = session_of(ground), Reader(ground.agenda)
    van = ground.agenda.van_ids[0]
    odd = (
        Form("move", f"pass:{van}:999"), Form("move", f"visit:{van}:0"), Form("move", "pass:x:0"),
        Form("add", "new:pass:9999"), Form("move", "new:pass:0"), Form("add", "new:break:0"),
        Form("lock", f"pass:{van}:0"), Form("move", "pass:987654:0"), Form("move", "pass:1"),
        Form("add", "new:pass:²"),
    )  # fmt: skip
    for form in odd:
        with pytest.raises(InvalidInput):
            edit_of(reader, session, form)
    at = next(n for n, call in enumerate(session.orders[0]) if call.kind == "pass")
    session = edited(session, [Edit("move", -1, 0, 0, origin=(0, at))])
    calls, at = session.orders[0], 0
    last = max(n for n, call in enumerate(calls) if call.kind == "visit")
    prefix = tuple(call.index for call in calls[: last + 1] if call.kind in ("visit", "dropoff"))
    vans = (replace(session.problem.vans[0], prefix=prefix), *session.problem.vans[1:])
    begun = replace(session, problem=replace(session.problem, vans=vans))
    with pytest.raises(InvalidInput, match="stands fast"):
        edit_of(reader, begun, Form("remove", f"pass:{van}:{at}"))
