import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.errors import FleetError, Word
from fleet.words import catalogue, locale_of, locale_of_environment, translate

ROOT = Path(__file__).resolve().parents[2]


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


def test_a_word_in_a_sentence_is_translated_and_a_persons_own_text_is_not() -> None:
    text = "This needs the role {role}; you are {own}. Ask your administrator."
    said = translate("zh", text, role=Word("dispatcher"), own="viewer")
    assert "调度员" in said and "viewer" in said
    assert "dispatcher" in translate("en", text, role=Word("dispatcher"), own="viewer")


def test_translations_keep_the_places_for_values() -> None:
    def places(text: str) -> set[str]:
        return {part.split("}")[0].split("!")[0].split(":")[0] for part in text.split("{")[1:]}

    wrong = [
        english for english, chinese in catalogue().items() if chinese and places(english) != places(chinese)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("environ", "said"),
    [({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"), ({}, "en")],
)
def test_the_language_of_a_terminal(environ: dict[str, str], said: str) -> None:
    assert locale_of_environment(environ) == said


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that code can say to a person, with its file."""
    errors = {FleetError.__name__} | {each.__name__ for each in FleetError.__subclasses__()}
    for package in ("fleet", "tracking", "routing", "maps", "replay"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = 0 if name in errors else 1 if name == "translate" else None
                if place is None or len(node.args) <= place:
                    continue
                said = node.args[place]
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield path.name, said.value


def test_every_sentence_has_its_chinese() -> None:
    assert [(file, text) for file, text in sentences() if text not in catalogue()] == []
