from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from fleet.main.cli import app
from tests.world import PASSWORD


@pytest.fixture
def typed(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Typed":
    monkeypatch.setenv("CAREVAN_DATABASE_URL", database)
    return Typed(tmp_path)


class Typed:
    """Commands as typed, on a database of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str, given: str = "") -> Result:
        return CliRunner().invoke(app, [*words, "--home", str(self.home)], input=given)


def test_from_an_empty_database_to_a_van_that_may_speak(typed: Typed) -> None:
    assert "district 1" in typed("district", "add", "测试区", "116.0", "36.45").output
    assert (
        "administrator" in typed("user", "add", "li", "--role", "administrator", given=f"{PASSWORD}\n").output
    )
    made = typed("van", "add", "v1", "--name", "1号车").output
    token = made.strip().splitlines()[-1]
    assert len(token) >= 32
    again = typed("terminal", "token", "v1-screen").output.strip().splitlines()[-1]
    assert again != token and len(again) >= 32


def test_a_phone_a_box_and_a_screen_are_added_listed_and_revoked(typed: Typed) -> None:
    typed("district", "add", "测试区", "116.0", "36.45")
    typed("van", "add", "v1")
    phone = typed("terminal", "add", "v1", "p1", "--kind", "phone", "--datum", "gcj02").output
    assert "/osmand" in phone and "/owntracks" in phone
    number = ("--hardware-id", "055123142556")
    box = typed("terminal", "add", "v1", "b1", "--kind", "jt808", *number).output
    assert "terminal enrol b1" in box and "secret" not in box
    assert len(typed("terminal", "add", "v1", "s1", "--kind", "screen").output.split()[-1]) >= 32
    assert "refused" in typed("terminal", "revoke", "p1").output
    told = typed("terminal", "list").output.splitlines()
    assert [line.split(maxsplit=4) for line in told] == [
        ["CODE", "VAN", "KIND", "DATUM", "STATE"],
        ["b1", "v1", "jt808", "wgs84", "never registered"],
        ["p1", "v1", "phone", "gcj02", "revoked"],
        ["s1", "v1", "screen", "wgs84", "in use"],
        ["v1-screen", "v1", "screen", "wgs84", "in use"],
    ]
    assert "Device identifier" in typed("terminal", "token", "p1").output
    assert "revoked" not in typed("terminal", "list").output
    assert "no terminal 'p9'" in str(typed("terminal", "revoke", "p9").exception)


def test_a_source_of_sos_calls_is_told_its_address_and_secret(typed: Typed) -> None:
    typed("district", "add", "测试区", "116.0", "36.45")
    said = typed("webhook", "add", "紧急按钮").output.splitlines()
    assert "/hooks/sos/1" in said[0]
    assert len(said[-1]) == 64


def test_a_weak_password_an_unknown_role_and_a_taken_login_are_refused(typed: Typed) -> None:
    typed("district", "add", "测试区", "116.0", "36.45")
    assert "too weak" in str(typed("user", "add", "li", given="short\n").exception)
    assert "no role" in str(typed("user", "add", "li", "--role", "king", given=f"{PASSWORD}\n").exception)
    assert typed("user", "add", "li", given=f"{PASSWORD}\n").exit_code == 0
    assert "already an account" in str(typed("user", "add", "li", given=f"{PASSWORD}\n").exception)


def test_a_file_with_one_bad_row_imports_nothing_and_says_why(typed: Typed, tmp_path: Path) -> None:
    typed("district", "add", "测试区", "116.0", "36.45")
    file = tmp_path / "sites.csv"
    file.write_text(
        "code,kind,name,lon,lat\nc1,centre,中心,116.0,36.4\nc2,centre,坏,361,36.4\n", encoding="utf-8-sig"
    )
    said = typed("import", "sites", str(file))
    assert said.exit_code == 1
    assert "Line 3" in said.output and "nothing was imported" in said.output
    file.write_text("code,kind,name,lon,lat\nc1,centre,中心,116.0,36.4\n", encoding="gb18030")
    good = typed("import", "sites", str(file))
    assert good.exit_code == 0
    assert "1 rows imported" in good.output


def test_a_devices_window_is_opened_by_its_terminals_code(typed: Typed, database: str) -> None:
    typed("district", "add", "测试区", "116.0", "36.45")
    typed("van", "add", "v1", "--name", "1号车")
    assert "no JT/T 808 device" in str(typed("terminal", "enrol", "v1-screen").exception)
    assert "no terminal" in str(typed("terminal", "enrol", "nobody").exception)
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE terminal SET kind = 'jt808', hardware_id = '13912345678'")
    assert "may register until" in typed("terminal", "enrol", "v1-screen").output
    with psycopg.connect(database) as conn:
        opened = conn.execute("SELECT count(*) FROM terminal WHERE enrol_until > now()").fetchall()
        audited = conn.execute("SELECT count(*) FROM audit WHERE action = 'terminal.enrolment'").fetchall()
    assert (opened, audited) == ([(1,)], [(1,)])


def test_cadences_calls_and_temperatures_come_by_file(typed: Typed, tmp_path: Path) -> None:
    typed("district", "add", "聊城", "115.98", "36.45")
    for kind, text in (
        ("cadences", "code,channel,target_days\n"),
        ("visits", "code,channel,began\n"),
        ("temperatures", "day,max_c\n2026-07-22,36\n"),
    ):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text)
        assert typed("import", kind, str(file)).exit_code == 0
    strange = tmp_path / "strange.csv"
    strange.write_text("code,channel,target_days\nE999999,visit,7\n")
    said = typed("import", "cadences", str(strange))
    assert said.exit_code == 1
    assert "no elder with the code 'E999999'" in said.output
