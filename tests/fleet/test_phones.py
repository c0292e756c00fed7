"""A district's telephone numbers: what may be kept, and how."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from fleet.phones import MOST, Phone, checked, phones, set_phones
from tests.replay.seeding import seed

DESK, NIGHT = Phone("值班室", "Duty desk", "0635-8123456"), Phone("夜间紧急联系", "", "+86 138 0000 0000")


@pytest.mark.parametrize("number", ["110", "12345", "(0635) 8123456", "+86 (635) 812-3456", "400-800-1234"])
def test_numbers_as_people_write_them_are_kept(number: str) -> None:
    assert checked([Phone("x", "", number)]) == (Phone("x", "", number),)


def test_what_is_kept_is_trimmed_and_narrow_and_without_empty_rows() -> None:
    typed = [
        Phone(" ", "", ""),
        Phone(" 值班室 ", "", "０６３５－８１２３４５６ "),
        Phone("", "Night", "120"),
    ]
    assert checked(typed) == (Phone("值班室", "", "0635-8123456"), Phone("Night", "Night", "120"))
    assert checked([]) == ()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Phone("", "", "120"), "The number 120 has no name. Write whose it is."),
        (Phone("值班室", "", " "), "“值班室” has no number. Write one, or empty the row."),
        (Phone("长" * 41, "", "120"), "The name of a number has 41 characters; give at most 40."),
        *(
            (Phone("x", "", bad), f"“{bad}” is no telephone number. "
             "Write 3 to 15 digits, as 12345 or 0635-8123456.")
            for bad in ("12", "1234567890123456", "call me", "12a45", "<b>12345</b>", "12--345", "(120")
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said(row: Phone, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked([DESK, row])
    assert refused.value.text.format(**refused.value.params) == sentence


def test_there_are_a_few(conn: sa.Connection) -> None:
    with pytest.raises(InvalidInput, match="at most"):
        checked([DESK] * (MOST + 1))
    here = seed(conn)
    assert phones(conn, here.district_id) == ()
    for wanted in ((DESK, NIGHT), (NIGHT, DESK), (DESK,), ()):
        assert set_phones(conn, here.district_id, wanted) == len(wanted)
        assert phones(conn, here.district_id) == wanted
