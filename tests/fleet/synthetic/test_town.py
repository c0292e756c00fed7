"""The whole town."""

from fleet import geo
from fleet.synthetic import town as synthetic_town
from fleet.synthetic.plane import CENTRE
from fleet.synthetic.town import SEED, town


def test_the_same_seed_gives_the_same_town() -> None:
    assert synthetic_town.town.__wrapped__(SEED) == town()


def test_the_town_has_what_a_town_has() -> None:
    made = town()
    assert len(made.quarters) > 200
    names = [quarter.name for quarter in made.quarters]
    assert len(set(names)) == len(names)
    kinds = {way.tags.get("highway") for way in made.ways}
    assert kinds >= {"primary", "secondary", "tertiary", "residential", "service", "footway"}
    assert sum("building" in way.tags for way in made.ways) > 5000
    assert {"river", "canal"} <= {way.tags.get("water") for way in made.ways}
    assert any(way.tags.get("amenity") == "hospital" for way in made.ways)
    assert any(way.tags.get("oneway") == "yes" for way in made.ways)
    assert {label.tags.get("place") or label.tags.get("amenity") for label in made.labels} == {
        "suburb",
        "neighbourhood",
        "clinic",
    }
    assert len(made.signals) > 30


def test_the_town_is_about_nine_by_seven_kilometres() -> None:
    west, south, east, north = geo.bounds(town().nodes)
    assert 8_500 < geo.haversine_m((west, CENTRE[1]), (east, CENTRE[1])) < 10_000
    assert 6_500 < geo.haversine_m((CENTRE[0], south), (CENTRE[0], north)) < 8_500
