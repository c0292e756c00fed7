"""The words of the town: enough, and no two alike."""

from fleet.synthetic import names, streets


def test_every_main_street_has_a_name_of_its_own() -> None:
    assert len(names.AVENUES) == len(streets.AVENUES_U)
    assert len(names.CROSSWAYS) == len(streets.CROSSWAYS_V)
    every = [*names.STREETS_NS, *names.STREETS_EW, *(zh for zh, _ in (*names.AVENUES, *names.CROSSWAYS))]
    assert len(set(every)) == len(every)


def test_quarters_and_communities_do_not_repeat() -> None:
    for words in (names.QUARTER_FIRST, names.QUARTER_LAST, names.VILLAGES, names.COMMUNITIES, names.SURNAMES):
        assert len(set(words)) == len(words)
