"""Documents of a staged day, from the database."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.errors import NotFound
from fleet.geo import haversine_m
from maps import document_store
from maps.day import read_homes
from maps.document import KINDS, Detail, Document, Kind
from maps.document_store import Order
from maps.redact import HOME_M
from tests.maps.product import Product
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import DAY
from tests.maps.test_haze import centre_of


@pytest.fixture(scope="module")
def proved(shared: Product) -> Product:
    """The staged product with a track of its day."""
    make_room(shared.context.database_url)
    with shared.context.engine.begin() as conn:
        put_proofs(conn, shared.stage)
    return shared


def made(here: Product, kind: Kind, detail: Detail = "shared") -> Document:
    return document_store.make(here.context, Order(kind, here.stage.district_id, DAY, detail, "en"))


def places(document: Document, *roles: str) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for sheet in document.sheets:
        features = sheet.features["features"]
        assert isinstance(features, list)
        for each in features:
            if each["properties"]["role"] in roles:
                at = each["geometry"]["coordinates"]
                found += [tuple(at)] if each["geometry"]["type"] == "Point" else [tuple(one) for one in at]
    return found


VEILED = ("route", "planned", "leg", "stay", "stop", "reach")


@pytest.mark.parametrize("kind", KINDS)
def test_a_shared_document_shows_no_home_and_no_name(proved: Product, kind: Kind) -> None:
    found = made(proved, kind)
    with proved.context.engine.connect() as conn:
        homes = [at for at, _ in read_homes(conn, proved.stage.district_id)]
    for at in places(found, *VEILED):
        near = min(haversine_m(at, home) for home in homes) < HOME_M
        assert not near or at == centre_of(at), f"{at} is a doorstep"
    said = json.dumps(
        [sheet.features for sheet in found.sheets if sheet.code != "ground"], ensure_ascii=False
    )
    assert not re.search(r"刘|淑|Estate|小区|\d\d:\d\d", said)
    assert "Homes are shown by cells of 300 m" in " ".join(found.notes)


def test_an_exact_document_shows_where_the_stops_are(proved: Product) -> None:
    exact, shared = made(proved, "plan", "exact"), made(proved, "plan")
    stops = places(exact, "stop")
    assert len(stops) == 8 and set(stops).isdisjoint(places(shared, "stop"))
    assert "Do not pass it on" in " ".join(exact.notes)
    assert any("straight line" in note for note in exact.notes)
    assert "Estate" in json.dumps([s.features for s in made(proved, "plan", "named").sheets])


def test_tracks_end_when_a_shared_document_does(proved: Product) -> None:
    assert any("as of 10:41" in note for note in made(proved, "today").notes)
    assert any("as of 10:46" in note for note in made(proved, "today", "exact").notes)
    assert places(made(proved, "today", "exact"), "leg") and places(made(proved, "today"), "leg")


def test_coverage_counts_cells_and_the_circle_runs_by_the_minute(proved: Product) -> None:
    coverage = made(proved, "coverage")
    assert len(places(coverage, "cell")) == 8 and re.search(r"\d of 8 cells", " ".join(coverage.notes))
    heat = made(proved, "heat")
    assert heat.series is not None
    frames, share = heat.series["frames"], heat.series["share"]
    assert isinstance(frames, list) and isinstance(share, list)
    assert len(frames) == len(share) == 162, "08:00 to 10:41"
    assert all(len(frame) == len(places(heat, "reach")) for frame in frames)
    assert 0 < max(share) <= 1


def test_a_day_without_a_plan_or_a_track_is_said(proved: Product) -> None:
    before = DAY.replace(day=1)
    order = Order("plan", proved.stage.district_id, before)
    with pytest.raises(NotFound, match=r"no published plan of \d"):
        document_store.make(proved.context, order)
    for kind in ("today", "heat"):
        found = document_store.make(
            proved.context, Order(kind, proved.stage.district_id, before, locale="en")
        )
        assert "No van was heard on this day." in found.notes and found.series is None


def test_nothing_is_written(proved: Product, tmp_path: Path) -> None:
    with proved.context.engine.connect() as conn:
        before = conn.execute(sa.text("SELECT count(*) FROM audit")).scalar_one()
    made(proved, "plan")
    with proved.context.engine.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM audit")).scalar_one() == before
