from __future__ import annotations

import sqlalchemy as sa

from fleet.registry import mask_name
from fleet.roads import Roads
from fleet.words import catalogue
from routing import desk_words
from routing.desk_words import labels, names, say_trouble, site_name, van_name
from routing.shelf import read
from routing.trouble import Trouble
from tests.routing.town import DAY, seed


def test_names_are_masked_and_every_trouble_is_said_in_both_languages(conn: sa.Connection) -> None:
    ground = read(conn, Roads(""), seed(conn), DAY)
    called = labels(ground, "zh")
    whole = {person.name for person in ground.people.values()}
    assert not any(label.who in whole for label in called)
    person = next(label for label in called if label.who)
    assert person.who in {mask_name(name) for name in whole}
    assert person.name == f"{person.place} {person.who}"
    assert [text for text in desk_words._TROUBLES.values() if text not in catalogue()] == []
    for code in (*desk_words._TROUBLES, "duplicate"):
        for locale in ("zh", "en"):
            said = say_trouble(Trouble(code, 0, 0, 61, ("hot",)), ground, locale, called)
            assert said and "{" not in said
    assert "2" in say_trouble(Trouble("shift_end", 1, -1, 61), ground, "en", called)
    assert say_trouble(Trouble("levels", -1), ground, "en", called)


def test_an_added_van_and_no_place_have_names_too(conn: sa.Connection) -> None:
    ground = read(conn, Roads(""), seed(conn), DAY)
    first = ground.agenda.van_ids[0]
    assert van_name(ground, first, "en") != van_name(ground, first, "zh")
    assert van_name(ground, -1, "en") == "Added van 1"
    assert site_name(ground, None, "en") == site_name(ground, 0, "zh") == ""
    assert names(ground, "en").vans[first] == van_name(ground, first, "en")
