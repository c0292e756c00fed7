"""Fences as typed: taken in, listed, retired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from fleet import tables
from fleet.errors import InvalidInput, NotFound
from fleet.main import fencing
from fleet.main.cli import app
from tests.tracking.test_fence_file import RING, collection, feature, polygon
from tests.world import context_on, people

SPOT = {"type": "Point", "coordinates": [116.0, 36.45]}


def test_fences_are_taken_in_listed_and_retired(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREVAN_DATABASE_URL", database)

    def typed(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--home", str(tmp_path)])

    typed("district", "add", "测试区", "116.0", "36.45")
    typed("van", "add", "v1")
    file = tmp_path / "fences.geojson"
    good = feature(polygon(RING), name="东区", vans=["v1"], hours="22:00-06:00")
    file.write_bytes(collection(good, feature(SPOT, code="f2")))
    refused = typed("fences", "import", str(file))
    assert refused.exit_code == 1
    assert "Feature 2 (f2): A fence of kind circle needs radius_m" in refused.output
    assert "1 of 2 features are refused, so nothing was imported" in refused.output
    assert typed("fences", "list").output.splitlines() == ["CODE  KIND  REACH  TELLS  STATE  NAME"]
    file.write_bytes(collection(good, feature(SPOT, code="f2", radius_m=80, tells=[], colour=1)))
    taken = typed("fences", "import", str(file))
    assert taken.exit_code == 0, taken.output
    assert "Properties not used: colour." in taken.output
    assert "2 fences imported, 2 new and 0 changed" in taken.output
    assert "counts no more" in typed("fences", "retire", "f2").output
    assert [line.split() for line in typed("fences", "list").output.splitlines()[1:]] == [
        ["f1", "area", "-", "enter,exit", "in", "use", "东区"],
        ["f2", "circle", "80", "m", "-", "retired", "f2"],
    ]
    assert isinstance(typed("fences", "retire", "f2").exception, NotFound)
    assert "1 fences imported" not in taken.output


def test_each_write_is_audited(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        with context.engine.begin() as conn:
            district = people(conn).district_id
        file = tmp_path / "one.geojson"
        file.write_text(json.dumps(feature(polygon(RING))))
        assert fencing.take_in(context, district, file) == 0
        fencing.retire(context, district, "f1")
        with context.engine.connect() as conn:
            t = tables.audit
            rows = conn.execute(sa.select(t.c.action, t.c.object, t.c.detail).order_by(t.c.id)).all()
            assert rows[-2:] == [
                ("fence.import", "one.geojson", {"taken": 1}),
                ("fence.retire", "fence:1", {}),
            ]


def test_no_file_and_no_district_are_named(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        with pytest.raises(InvalidInput, match="cannot be read"):
            fencing.take_in(context, 1, tmp_path / "none.geojson")
        with pytest.raises(NotFound, match="district 9"):
            fencing.show(context, 9)
