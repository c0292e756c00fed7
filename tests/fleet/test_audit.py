import pytest
import sqlalchemy as sa

from fleet import audit, tables


def test_a_line_stays(conn: sa.Connection) -> None:
    audit.record(conn, "command", "van.add", "van:1", None, note="x")
    row = conn.execute(sa.select(tables.audit)).one()
    assert (row.actor, row.action, row.object, row.result, row.detail) == (
        "command",
        "van.add",
        "van:1",
        "done",
        {"note": "x"},
    )


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_no_line_is_changed_or_deleted(conn: sa.Connection, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="append-only"), conn.begin_nested():
        conn.exec_driver_sql(statement)
