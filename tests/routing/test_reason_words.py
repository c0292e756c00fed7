from __future__ import annotations

import re

from fleet.words import catalogue
from routing import reason_words
from routing.reason import CODES, Need, Reason, as_json
from routing.reason_words import SENTENCES, say


def test_the_list_of_codes_is_closed_and_every_code_has_its_sentence() -> None:
    assert tuple(SENTENCES) == CODES


def test_every_sentence_has_its_chinese_with_the_same_blanks() -> None:
    every = [*SENTENCES.values(), *vars(reason_words)["_WITH_ANOTHER"].values()]
    every += [*vars(reason_words)["_WITH_TIME"].values(), vars(reason_words)["_OVERTIME"]]
    for sentence in every:
        chinese = catalogue()[sentence]
        assert set(re.findall(r"{\w+}", chinese)) == set(re.findall(r"{\w+}", sentence)), sentence


def test_what_was_stored_before_is_still_said() -> None:
    told = {"van": 3, "code": "skills", "needs": [{"code": "skills", "short": 0, "what": ["care"]}]}
    assert say("en", told, "Van 3") == "Van 3 lacks care"
    assert say("zh", told, "3号车") == "3号车不具备：生活照料"


def test_the_other_van_is_named_where_it_is_known() -> None:
    told = as_json(Reason(1, (Need("equipment", 1, ("stair_climber",), van=0),), 0), 8, (7, 8))
    assert say("zh", told, "2号车", {7: "1号车"}).endswith("目前在1号车上")
    assert say("en", told, "Van 2").endswith(": all are in use")
