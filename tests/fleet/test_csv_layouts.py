"""The three layouts."""

import pytest

from fleet import geo
from fleet.csv_layouts import LAYOUTS
from fleet.csv_rows import parse
from fleet.errors import InvalidInput


def _only_reason(kind: str, text: str) -> InvalidInput:
    parsed = parse(text.encode(), LAYOUTS[kind])
    assert parsed.rows == ()
    (refused,) = parsed.refused
    return refused.why


def test_a_site_in_chinese_words_and_of_another_datum_becomes_wgs84() -> None:
    here = (115.98, 36.45)
    lon, lat = geo.wgs84_to_gcj02(here)
    text = f"编号,类型,名称,经度,纬度,坐标系,食堂,开门\nC1,中心,北城中心,{lon},{lat},高德,是,7:30\n"
    (row,) = parse(text.encode("gb18030"), LAYOUTS["sites"]).rows
    assert (row.values["lon"], row.values["lat"]) == pytest.approx(here, abs=1e-8)
    assert (row.values["kind"], row.values["is_kitchen"], str(row.values["opens"])) == (
        "centre",
        True,
        "07:30:00",
    )
    assert "datum" not in row.values


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("sites", "code,kind,name,lon,lat\nC1,centre,x,36.45,115.98\n", "exchanged"),
        ("sites", "code,kind,name,lon,lat\nC1,centre,x,0,0\n", "off Africa"),
        ("sites", "code,kind,name,lon,lat\nC1,castle,x,115.98,36.45\n", "'castle' is not known"),
        (
            "sites",
            "code,kind,name,lon,lat,opens,closes\nC1,centre,x,115.98,36.45,18:00,08:00\n",
            "opens 18:00 is not before closes 08:00",
        ),
        ("recipients", "code,name,birth_year,home\nE1,x,1850,H1\n", "'1850'"),
        (
            "recipients",
            "code,name,birth_year,home,nap_from,nap_to\nE1,x,1950,H1,14:00,12:00\n",
            "not before",
        ),
        ("vans", "code,name,colour\nV1,1号车,red\n", "#2fb7c9"),
        ("vans", "code,name,hot_cups\nV1,1号车,-3\n", "'-3'"),
    ],
)
def test_rows_that_cannot_be_right(kind: str, text: str, said: str) -> None:
    assert said in str(_only_reason(kind, text))
