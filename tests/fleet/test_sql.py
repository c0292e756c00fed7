from pathlib import Path

import pytest

from fleet import sql


def test_statements_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_text("-- a file\n-- name: one\nSELECT 1;\n\n-- name: two_b\n-- why\nSELECT 2\n  FROM x;\n")
    assert dict(sql.load(path)) == {"one": "SELECT 1", "two_b": "-- why\nSELECT 2\n  FROM x"}


@pytest.mark.parametrize("text", ["", "SELECT 1", "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;"])
def test_names_are_needed_and_unique(tmp_path: Path, text: str) -> None:
    path = tmp_path / "queries.sql"
    path.write_text(text)
    with pytest.raises(ValueError, match="names"):
        sql.load(path)
