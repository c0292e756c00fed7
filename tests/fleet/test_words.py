import pytest

from fleet.words import catalogue, locale_of, translate


@pytest.mark.parametrize(
    ("accept", "chosen", "said"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", None, "zh"),
        ("en-US,en;q=0.9,zh;q=0.1", None, "en"),
        ("fr-FR,en;q=0.4,zh;q=0.6", None, "zh"),
        ("fr", None, "zh"),
        (None, None, "zh"),
        ("zh-CN", "en", "en"),
        ("en", "tlh", "en"),
    ],
)
def test_language_is_the_persons_choice_then_their_browsers(
    accept: str | None, chosen: str | None, said: str
) -> None:
    assert locale_of(accept, chosen) == said


def test_a_sentence_without_translation_stays_english() -> None:
    assert translate("zh", "Van {n} is new.", n=3) == "Van 3 is new."


def test_translations_keep_the_places_for_values() -> None:
    def places(text: str) -> set[str]:
        return {part.split("}")[0].split("!")[0].split(":")[0] for part in text.split("{")[1:]}

    wrong = [
        english for english, chinese in catalogue().items() if chinese and places(english) != places(chinese)
    ]
    assert wrong == []
