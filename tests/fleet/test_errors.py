from fleet.errors import NotFound


def test_an_error_reads_as_a_sentence_and_keeps_its_parts_for_translation() -> None:
    error = NotFound("There is no van {van} in this district.", van=9)
    assert str(error) == "There is no van 9 in this district."
    assert (error.text, error.params) == ("There is no van {van} in this district.", {"van": 9})
    assert str(NotFound("Braces {stay} when nothing is given.")) == "Braces {stay} when nothing is given."
