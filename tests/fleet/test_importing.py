"""CSV files into a real database: all rows of a file, or none."""

from datetime import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import importing, registry, tables
from fleet.errors import InvalidInput

SITES = """code,kind,name,lon,lat,is_depot,opens
C1,centre,北城中心,115.98,36.45,1,07:30
S1,stop_point,滨河服务点,115.99,36.46,,
H1,home,滨河花园3号楼,115.991,36.461,,
"""
BAD = "X,centre,x,200,36\nC1,home,y,115,36\n备\n"
ELDERS = "code,name,birth_year,home,stop,sugar_free\nE1,刘淑珍,1944,H1,S1,1\n"
VANS = "code,name,plate,features,depot\nV1,1号车,示P0001,stair_climber,C1\n"


@pytest.fixture
def district_id(conn: sa.Connection) -> int:
    values = {"name": "一区", "centre": "SRID=4326;POINT(115.98 36.45)"}
    return int(
        conn.execute(tables.district.insert().values(values).returning(tables.district.c.id)).scalar_one()
    )


def _import(conn: sa.Connection, district_id: int, folder: Path, kind: str, text: str) -> importing.Report:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8-sig")
    return importing.import_file(conn, district_id, kind, path)


def test_three_files_make_a_registry(conn: sa.Connection, district_id: int, tmp_path: Path) -> None:
    for kind, text, rows in (("sites", SITES, 3), ("recipients", ELDERS, 1), ("vans", VANS, 1)):
        report = _import(conn, district_id, tmp_path, kind, text)
        assert report.accepted, str(report)
        assert report.taken == rows
        assert not any(row.known for row in report.rows)
    sites = {site.code: site for site in registry.sites(conn, district_id)}
    assert (sites["C1"].lon, sites["C1"].lat) == pytest.approx((115.98, 36.45))
    assert (sites["C1"].is_depot, sites["C1"].opens, sites["S1"].opens) == (True, time(7, 30), time(8))
    (elder,) = registry.recipients(conn, district_id)
    assert (elder.home_id, elder.stop_id, elder.sugar_free) == (sites["H1"].id, sites["S1"].id, True)
    (van,) = registry.vans(conn, district_id)
    assert (van.features, van.depot_id) == (("stair_climber",), sites["C1"].id)


def test_known_codes_are_changed_and_what_the_file_leaves_out_stays(
    conn: sa.Connection, district_id: int, tmp_path: Path
) -> None:
    _import(conn, district_id, tmp_path, "sites", SITES)
    again = "code,kind,name,lon,lat\nC1,centre,新北城中心,115.97,36.45\nC2,centre,温泉中心,115.9,36.4\n"
    report = _import(conn, district_id, tmp_path, "sites", again)
    assert [(row.code, row.known) for row in report.rows] == [("C1", True), ("C2", False)]
    assert "2 rows imported, 1 new and 1 changed" in str(report)
    site = registry.sites(conn, district_id)[0]
    assert (site.name, site.opens) == ("新北城中心", time(7, 30))
    assert site.lon == pytest.approx(115.97)


def test_gaps_in_days_become_cadences(conn: sa.Connection, district_id: int, tmp_path: Path) -> None:
    _import(conn, district_id, tmp_path, "sites", SITES)
    text = "code,name,birth_year,home,check_days,上门间隔天数\nE1,刘淑珍,1944,H1,1,7\nE2,张三,1950,H1,,\n"
    assert _import(conn, district_id, tmp_path, "recipients", text).accepted
    found = {each.channel: each for each in registry.cadences(conn, district_id)}
    assert set(found) == {"check", "visit"}
    weekly = found["visit"]
    assert (weekly.min_days, weekly.target_days, weekly.max_days, weekly.service_s) == (5, 7, 9, 1200)
    again = "code,name,birth_year,home,visit_days\nE1,刘淑珍,1944,H1,3.5\n"
    _import(conn, district_id, tmp_path, "recipients", again)
    gaps = {each.channel: each.target_days for each in registry.cadences(conn, district_id)}
    assert gaps == {"check": 1, "visit": 3.5}


def test_one_refused_row_and_nothing_is_imported(
    conn: sa.Connection, district_id: int, tmp_path: Path
) -> None:
    report = _import(
        conn, district_id, tmp_path, "sites", SITES + "X,centre,x,200,36\nC1,home,y,115,36\n备\n"
    )
    assert not report.accepted
    assert report.taken == 0
    assert [each.line for each in report.refused] == [5, 6, 7]
    said = str(report)
    assert "Line 5: The longitude '200'" in said
    assert "3 of 6 rows are refused, so nothing was imported" in said
    assert registry.sites(conn, district_id) == ()


def test_unknown_sites_refuse_the_row_that_names_them(
    conn: sa.Connection, district_id: int, tmp_path: Path
) -> None:
    _import(conn, district_id, tmp_path, "sites", SITES)
    text = ELDERS + "E2,张三,1950,H9,,\nE3,李四,1950,S1,,\n"
    report = _import(conn, district_id, tmp_path, "recipients", text)
    assert [each.line for each in report.refused] == [3, 4]
    assert "no site of kind home with the code 'H9'" in str(report)
    assert registry.recipients(conn, district_id) == ()


def test_the_report_speaks_chinese_and_names_unused_columns(
    conn: sa.Connection, district_id: int, tmp_path: Path
) -> None:
    text = "编号,类型,名称,经度,纬度,备注\nC1,中心,北城,115.98,136.45,x\n"
    report = _import(conn, district_id, tmp_path, "sites", text)
    said = report.said("zh")
    assert "第 2 行" in said
    assert "未使用的列：备注" in said
    assert "没有导入任何数据" in said
    assert "refused" not in said


def test_kinds_and_files_that_do_not_exist(conn: sa.Connection, district_id: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'cats' cannot be imported"):
        importing.import_file(conn, district_id, "cats", tmp_path / "x.csv")
    with pytest.raises(InvalidInput, match="cannot be read"):
        importing.import_file(conn, district_id, "sites", tmp_path / "x.csv")
