from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables, terminals
from fleet.errors import Conflict, InvalidInput, NotFound
from fleet.keys import secret_as_typed
from fleet.main import equipping
from fleet.main.equipping import NewTerminal
from tests.world import context_on, people


def _secret(told: str) -> str:
    return told.split("Device identifier")[1].split()[0]


def test_a_phones_secret_is_printed_once_with_the_apps_settings(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with context_on(database, tmp_path, public_url="https://vans.example/") as context:
        with context.engine.begin() as conn:
            district_id = people(conn).district_id
        equipping.add(context, district_id, NewTerminal("v1", "p1", "phone", "gcj02"))
        told = capsys.readouterr().out
        assert "https://vans.example/osmand\n" in told and "https://vans.example/owntracks\n" in told
        assert "outside address" not in told
        first = _secret(told)
        equipping.renew(context, district_id, "p1")
        second = _secret(capsys.readouterr().out)
        equipping.revoke(context, district_id, "v1-sim")
        equipping.show(context, district_id)
        assert secret_as_typed(second) not in capsys.readouterr().out.replace("-", "")
        with context.engine.connect() as conn:
            assert terminals.by_token(conn, secret_as_typed(first)) is None
            found = terminals.by_token(conn, secret_as_typed(second))
            assert found is not None and (found.code, found.datum, found.is_primary) == ("p1", "gcj02", False)
            audited = conn.execute(sa.select(tables.audit.c.action, tables.audit.c.detail)).all()
        assert [row.action for row in audited] == ["terminal.add", "terminal.token", "terminal.revoke"]
        assert audited[0].detail == {"kind": "phone", "datum": "gcj02"}


def test_a_jt808_devices_number_loses_its_leading_zeros_and_is_its_alone(
    database: str, tmp_path: Path
) -> None:
    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            district_id = people(conn).district_id
        equipping.add(context, district_id, NewTerminal("v1", "b1", "jt808", "wgs84", "055123142556"))
        with context.engine.connect() as conn:
            kept = conn.execute(
                sa.select(tables.terminal.c.hardware_id, tables.terminal.c.token_hash).where(
                    tables.terminal.c.code == "b1"
                )
            ).one()
        assert kept == ("55123142556", None)
        with pytest.raises(Conflict, match="hardware number"):
            equipping.add(context, district_id, NewTerminal("v2", "b2", "jt808", "wgs84", "55123142556"))
        with pytest.raises(InvalidInput, match="when it registers"):
            equipping.renew(context, district_id, "b1")


@pytest.mark.parametrize(
    ("new", "word"),
    [
        (NewTerminal("v1", "x", "fax", "wgs84"), "'fax'"),
        (NewTerminal("v1", "x", "phone", "wgs72"), "'wgs72'"),
        (NewTerminal("v1", "x", "phone", "wgs84", "123"), "hardware number"),
        (NewTerminal("v1", "x", "jt808", "wgs84"), "--hardware-id"),
        (NewTerminal("v1", "x", "jt808", "wgs84", "0000"), "'0000'"),
        (NewTerminal("v1", "x", "jt808", "wgs84", "12a"), "'12a'"),
        (NewTerminal("v1", "x", "jt808", "wgs84", "1" * 21), "1111"),
        (NewTerminal("v1", "v1-sim", "phone", "wgs84"), "terminal with this code"),
    ],
)
def test_what_was_typed_wrong_is_named(database: str, tmp_path: Path, new: NewTerminal, word: str) -> None:
    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            district_id = people(conn).district_id
        with pytest.raises((InvalidInput, Conflict), match=word):
            equipping.add(context, district_id, new)
        with pytest.raises(NotFound, match="no van 'v9'"):
            equipping.add(context, district_id, NewTerminal("v9", "x", "phone", "wgs84"))
