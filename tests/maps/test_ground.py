"""The ground of documents, out of a base map."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from maps import ground
from tests.maps import staging
from tests.maps.staging import CENTRE

BOX = ((CENTRE[0] - 0.02, CENTRE[1] - 0.01), (CENTRE[0] + 0.02, CENTRE[1] + 0.01))


def test_roads_and_water_of_the_box_are_drawn_and_cut_at_it(conn: sa.Connection) -> None:
    staging.put_base_map(conn)
    sheet, origin = ground.read(conn, BOX)
    features: list[dict[str, dict[str, object]]] = sheet.features["features"]  # type: ignore[assignment]
    roles = {each["properties"]["role"] for each in features}
    assert roles == {"road", "area"} and origin == ""
    ranks = [each["properties"]["rank"] for each in features if each["properties"]["role"] == "road"]
    assert ranks == sorted(ranks, reverse=True), "great roads are drawn last, above the small ones"  # type: ignore[type-var]
    lons = [
        point[0]
        for each in features
        if each["geometry"]["type"] == "LineString"
        for point in each["geometry"]["coordinates"]  # type: ignore[attr-defined]
    ]
    assert lons and min(lons) > BOX[0][0] - 0.021 and max(lons) < BOX[1][0] + 0.021


def test_without_a_base_map_the_ground_is_plain(conn: sa.Connection) -> None:
    assert ground.read(conn, BOX)[0].features["features"] == []
    assert ground.read(conn, None)[1] == ""


@given(st.lists(st.integers(1, 50)), st.integers(0, 200))
def test_what_is_kept_is_bounded_and_comes_first(points: list[int], most: int) -> None:
    rows = [{"points": n} for n in points]
    kept = ground.kept(rows, most)
    assert kept == rows[: len(kept)] and sum(row["points"] for row in kept) <= most
