from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from fleet.roads import Roads
from fleet.words import catalogue
from routing import publishable, scenario
from routing.agenda import Agenda, build
from routing.change import KINDS
from routing.scenario import (
    Names,
    Told,
    change_of,
    make,
    merged,
    not_entered,
    say,
    say_entry,
    settled,
    tell,
    told_of,
)
from tests.routing.town import DAY, seed


@pytest.fixture
def agenda(conn: sa.Connection) -> Agenda:
    return build(conn, Roads(""), seed(conn), DAY)


def every(agenda: Agenda) -> list[Told]:
    van = agenda.van_ids[0]
    kitchen = next(agenda.site_ids[k.site] for k in agenda.problem.kitchens)
    visit = next(
        f"p{caller.recipient_id}"
        for caller, asked in zip(agenda.callers, agenda.problem.visits, strict=True)
        if caller.recipient_id is not None and not asked.mandatory
    )
    return [
        Told("shift", van, minutes=14),
        Told("rest", van, minutes=10),
        Told("skill", van, what="singing"),
        Told("cups", van, cups=12, what="hot"),
        Told("window", visit=visit, minutes=20),
        Told("keep", minutes=15),
        Told("kitchen_longer", minutes=30),
        Told("kitchen_closed", site=kitchen),
        Told("patrol", minutes=300),
        Told("mandatory", visit=visit),
        Told("van_more", van),
        Told("van_down", agenda.van_ids[1]),
    ]


def test_changes_are_kept_and_read_back(agenda: Agenda) -> None:
    for told in settled(agenda, every(agenda)):
        assert told_of(told.as_json()) == told
        if told.kind not in ("van_down", "kitchen_closed"):
            again = tell(agenda, change_of(agenda, told))
            assert replace(again, target=told.target) == told


def test_what_the_registry_does_not_have_is_told_until_it_has(agenda: Agenda) -> None:
    for told in settled(agenda, every(agenda)[:10]):
        alone = settled(agenda, [replace(told, target=())])
        assert not_entered(agenda, alone) == alone, told.kind
        assert not_entered(make(agenda, alone), alone) == (), told.kind
    more = settled(agenda, [Told("van_more", agenda.van_ids[0])])
    assert not_entered(agenda, more) == more
    down = settled(agenda, [Told("van_down", agenda.van_ids[1])])
    assert not_entered(agenda, down) == down
    assert not_entered(make(agenda, down), down) == ()


def test_changes_of_one_thing_become_one() -> None:
    shift, window = Told("shift", 3, minutes=30), Told("window", visit="p1", minutes=5)
    mandatory = Told("mandatory", visit="p1")
    done = merged([shift, window, mandatory, replace(shift, minutes=-10, target=(9,)), mandatory])
    assert done == (replace(shift, minutes=20), window, mandatory)
    assert merged([shift, replace(shift, minutes=-30)]) == ()
    assert merged([replace(shift, target=(1,))]) == (replace(shift, target=(1,)),)


def test_an_added_van_has_an_id_below_nought_and_takes_changes_of_its_own(agenda: Agenda) -> None:
    first = agenda.van_ids[0]
    made = make(agenda, [Told("van_more", first), Told("van_more", first), Told("shift", -2, minutes=30)])
    assert made.van_ids == (*agenda.van_ids, -1, -2)
    ends = [van.ends_s for van in made.problem.vans]
    assert (ends[-2], ends[-1]) == (ends[0], ends[0] + 1800)


@pytest.mark.parametrize(
    "told",
    [
        Told("weather"),
        Told("shift", 987654, minutes=5),
        Told("shift", minutes=10_000),
        Told("cups", 1, cups=-1, what="hot"),
        Told("patrol", minutes=-1),
        Told("window", visit="p0", minutes=5),
        Told("kitchen_closed", site=0),
    ],
)
def test_odd_changes_are_refused(agenda: Agenda, told: Told) -> None:
    with pytest.raises(InvalidInput):
        make(agenda, [told])


def test_the_last_van_stays(agenda: Agenda) -> None:
    with pytest.raises(InvalidInput, match="No van would be left"):
        make(agenda, [Told("van_down", van) for van in agenda.van_ids])


def test_every_kind_is_said_in_both_languages(agenda: Agenda) -> None:
    names = Names({van: f"V{van}" for van in agenda.van_ids}, {}, {})
    assert {*scenario._SENTENCES} == {*scenario._ENTRIES} == {*publishable._REFUSALS} == {*KINDS}
    for sentences in (scenario._SENTENCES, scenario._ENTRIES, publishable._REFUSALS):
        assert [text for text in sentences.values() if text not in catalogue()] == []
    for told in every(agenda):
        for locale in ("zh", "en"):
            assert say(locale, told, names)
            assert say_entry(locale, told)
    assert say("en", Told("shift", agenda.van_ids[0], minutes=14), names).endswith("+14 min")
    assert say("zh", Told("shift", minutes=-30), names) == "全部车辆：班次 −30 分钟"
