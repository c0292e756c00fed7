"""CSV files as clerks have them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import csv_rows
from fleet.csv_cells import text_cell, whole_cell
from fleet.csv_rows import Column, Layout, parse
from fleet.errors import InvalidInput

LAYOUT = Layout(
    (
        Column(("code", "编号"), text_cell, required=True),
        Column(("name", "姓名"), text_cell, required=True),
        Column(("risk", "风险"), whole_cell("risk", 1, 5), default=1),
    ),
    lambda values: values,
)
FILE = "编号,姓名,风险,备注\nE1,刘淑珍,3,左邻\nE2,张三,,\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_coding_sign_and_line_end(coding: str, sign: str, end: str) -> None:
    data = FILE.replace(",", sign).replace("\n", end).encode(coding)
    parsed = parse(data, LAYOUT)
    assert [row.values for row in parsed.rows] == [
        {"code": "E1", "name": "刘淑珍", "risk": 3},
        {"code": "E2", "name": "张三", "risk": 1},
    ]
    assert parsed.refused == ()
    assert parsed.ignored == ("备注",)
    assert parsed.given == {"code", "name", "risk"}


def test_each_bad_row_is_refused_for_itself_with_its_line() -> None:
    data = "code,name,risk\nE1,甲,9\n\nE2,,2\nE3,丙,2\nE3,丁,2\n,戊,1\nE4,己\n".encode()
    parsed = parse(data, LAYOUT)
    assert [row.line for row in parsed.rows] == [5, 8]
    said = {each.line: str(each.why) for each in parsed.refused}
    assert sorted(said) == [2, 4, 6, 7]
    assert "'9' is not a whole number from 1 to 5" in said[2]
    assert "name is empty" in said[4]
    assert "'E3' stands in line 5 already" in said[6]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        ("\ufeff\n".encode(), "empty"),
        (b"code,risk\nE1,2\n", "lacks the columns name"),
        (b"PK\x03\x04\x00\x00\x00", "not text"),
        (b"\xff\xfe\x00", "not text"),
        (b'code,name\nE1,"a\n', "not CSV"),
        (b"x" * (csv_rows.MAX_BYTES + 1), "20 MB are the most"),
    ],
)
def test_files_that_cannot_be_read_give_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(data, LAYOUT)
    assert said in str(refused.value)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_crash(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        parse(b"code,name\n" + data, LAYOUT)


@given(st.lists(st.text("甲乙丙丁 ,\"'；a1", min_size=1, max_size=6).filter(str.strip), max_size=5))
def test_what_a_spreadsheet_quotes_comes_back(names: list[str]) -> None:
    lines = ["code,name"] + [f'{n},"{name.replace(chr(34), chr(34) * 2)}"' for n, name in enumerate(names)]
    parsed = parse("\n".join(lines).encode(), LAYOUT)
    assert [row.values["name"] for row in parsed.rows] == [name.strip() for name in names]
