import psycopg
import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.db import conninfo, make_engine, sqlalchemy_url, translate_errors
from fleet.errors import Conflict, InvalidInput, NotFound, Unavailable
from tests.fleet.test_journal import a_district
from tests.fleet.test_outbox import a_van


@pytest.mark.parametrize("url", ["postgres://u@/d", "postgresql://u@/d"])
def test_both_schemes_are_taken(url: str) -> None:
    assert sqlalchemy_url(url) == "postgresql+psycopg://u@/d"
    assert conninfo(url) == url


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "postgresql://[", "nonsense"])
def test_other_addresses_are_refused_without_their_secret(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        conninfo(url)
    assert "secret" not in str(caught.value)


def test_constraints_become_sentences(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    a_van(conn, district_id)
    with pytest.raises(Conflict, match="already a van"), translate_errors(), conn.begin_nested():
        a_van(conn, district_id)
    with pytest.raises(NotFound), translate_errors(), conn.begin_nested():
        a_van(conn, -1)
    wrong = {"district_id": district_id, "code": "v9", "name": "x", "hot_cups": -1}
    with pytest.raises(InvalidInput, match="van_hot_cups"), translate_errors(), conn.begin_nested():
        conn.execute(tables.van.insert().values(wrong))


def test_an_absent_server_is_said_plainly() -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/x")
    with pytest.raises(Unavailable, match="does not answer"), translate_errors(), engine.connect():
        pass
    engine.dispose()


def test_a_full_disk_is_named() -> None:
    full = sa.exc.OperationalError("COPY", None, psycopg.errors.DiskFull("No space left on device"))
    with pytest.raises(Unavailable, match="disk is full"), translate_errors():
        raise full
