"""Places of a reason in the reader's language."""

from __future__ import annotations

from datetime import time

from fleet.registry import Site
from routing.reason import Need, Reason, as_json
from routing.reason_places import placed, said
from routing.reason_words import say

CENTRE = Site(1, "c1", "centre", "第一中心", "First Centre", 116.0, 36.4, True, True, time(8), time(17))
NAMELESS = Site(2, "c2", "centre", "第二中心", "", 116.0, 36.4, True, True, time(8), time(17))


def reload_at(name: str) -> dict[str, object]:
    return {"van": 1, "needs": [{"code": "reload", "short": 0, "what": [name], "at": "12:40"}]}


def test_a_centre_has_its_name_in_the_readers_language_where_it_has_one() -> None:
    sites = (CENTRE, NAMELESS)
    for name, called in (("第一中心", "First Centre"), ("第二中心", "第二中心"), ("第三中心", "第三中心")):
        told = say("en", placed(reload_at(name), sites, "en"), "v")
        assert told == f"a reload of v at {called} at 12:40 would do"
    assert placed(reload_at("第一中心"), sites, "zh") == reload_at("第一中心")


def test_what_names_no_place_stays() -> None:
    told = as_json(Reason(0, (Need("skills", what=("care",)), Need("vans")), 0), 7, (7,))
    assert say("en", placed(told, (CENTRE,), "en"), "v") == say("en", told, "v")
    assert placed({"van": 3, "needs": [{"code": "reload", "short": 0}]}, (CENTRE,), "en")["needs"] == [
        {"code": "reload", "short": 0}
    ]


def test_a_sentence_names_its_van_and_place() -> None:
    told = reload_at("第一中心")
    assert said(told, {1: "Van 1"}, (CENTRE,), "en") == "a reload of Van 1 at First Centre at 12:40 would do"
    assert said(told, {}, (CENTRE,), "zh") == "1 12:40 在第一中心补给一次即可安排"
