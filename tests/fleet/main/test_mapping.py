"""Maps as documents on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import InvalidInput
from fleet.main import mapping
from fleet.settings import Settings
from maps import assets
from maps.document import DETAILS, KINDS
from maps.document_store import Order
from tests.maps.product import product
from tests.maps.staging import DAY


def test_kinds_and_details_are_typed_by_name() -> None:
    assert [mapping.kind_of(kind) for kind in KINDS] == list(KINDS)
    assert [mapping.detail_of(detail) for detail in DETAILS] == list(DETAILS)
    with pytest.raises(InvalidInput, match="no map"):
        mapping.kind_of("globe")
    with pytest.raises(InvalidInput, match="no detail"):
        mapping.detail_of("all")


def test_a_map_is_written_whole_or_not_at_all(database: str, tmp_path: Path) -> None:
    if not assets.installed(Settings().vendor_dir):
        pytest.skip("the browser assets are not there: run ./carevan setup")
    home = tmp_path / "home"
    home.mkdir()
    with product(database, home, browser=True) as here:
        order = Order("plan", here.stage.district_id, DAY, locale="en")
        out = tmp_path / "plan.html"
        mapping.write_map(here.context, order, out)
        assert "Plan of the day" in out.read_text()
        with pytest.raises(InvalidInput, match="cannot be written"):
            mapping.write_map(here.context, order, tmp_path / "absent" / "plan.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "plan.html"]
