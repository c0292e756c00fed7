"""What a tile service may be, and where its tiles are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.errors import InvalidInput
from maps.provider import Provider, address, check, check_key, presets

URL = "https://t{0-7}.example.org/{z}/{x}/{y}?tk={key}"
GOOD = Provider(
    1, 1, "mine", "xyz", "我的", "Mine", (URL,), "wgs84", 1, 18, "© 我", "© me", "", 24, False, False, b"x"
)


def judge(**changes: object) -> None:
    check(replace(GOOD, **changes), has_key=True, plain_http=False)  # type: ignore[arg-type]


def test_an_address_is_filled_and_neighbours_ask_other_hosts() -> None:
    assert address(URL, (3, 5, 2), "k1") == "https://t7.example.org/3/5/2?tk=k1"
    assert address(URL, (3, 6, 2), "k1") == "https://t0.example.org/3/6/2?tk=k1"
    assert address("https://a.org/{z}/{x}/{-y}", (3, 5, 2), "") == "https://a.org/3/5/5"


def test_tianditu_is_asked_for_ground_and_names_by_its_mercator_matrices() -> None:
    urls = presets()["tianditu"]["urls"]
    assert isinstance(urls, list)
    ground, names = urls
    said = address(ground, (10, 843, 388), "KEY")
    assert said.startswith("https://t7.tianditu.gov.cn/vec_w/wmts?")
    assert "TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX=10&TILEROW=388&TILECOL=843&tk=KEY" in said
    assert "LAYER=cva&" in names


@pytest.mark.parametrize("kind", ["tianditu", "amap"])
def test_the_known_services_pass(kind: str) -> None:
    known = {**presets()[kind]}  # type: ignore[index]
    made = replace(GOOD, kind=kind, **{**known, "urls": tuple(known["urls"])})  # type: ignore[arg-type]
    check(made, has_key=True, plain_http=False)
    with pytest.raises(InvalidInput, match="审图号"):
        check(replace(made, enabled=True), has_key=True, plain_http=False)
    check(replace(made, enabled=True, approval="GS(2024)0650号"), has_key=True, plain_http=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.org/{z}/{x}/{y}",
        "ftp://a.org/{z}/{x}/{y}",
        "file:///etc/passwd?{z}{x}{y}",
        "https://u:p@a.org/{z}/{x}/{y}",
        "https://a.org/{z}/{x}/{y}#f",
        "https://a.org/{z}/{x}",
        "https://{x}.org/{z}/{y}",
        "https://{key}.org/{z}/{x}/{y}",
        "https://a.org/{z}/{x}/{y}/{cookie}",
        "https://t{7-0}.a.org/{z}/{x}/{y}",
        "https://a.org:99999/{z}/{x}/{y}",
        "https:///{z}/{x}/{y}",
        "https://a.org\\@b.org/{z}/{x}/{y}",
        "https://a.org/{z}/{x}/{y} ",
        "https://a.org/{z}/{x}/{y}?tk=abcdef",
        "https://a.org/{z}/{x}/{y}?Key=abcdef",
        f"https://a.org/{'a' * 500}/{{z}}/{{x}}/{{y}}",
    ],
)
def test_an_address_that_is_not_asked(url: str) -> None:
    with pytest.raises(InvalidInput):
        judge(urls=(url,))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../x"},
        {"name": ""},
        {"min_zoom": 9, "max_zoom": 8},
        {"max_zoom": 23},
        {"urls": ()},
        {"urls": (URL,) * 3},
    ],
)
def test_what_cannot_be_stored(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        judge(**changes)


def test_a_key_is_asked_for_and_is_plain() -> None:
    with pytest.raises(InvalidInput, match="key"):
        check(GOOD, has_key=False, plain_http=False)
    check_key("0a1B-_.")
    for key in ("", "a b", "a&b=c", "a/../b", "ключ"):
        with pytest.raises(InvalidInput) as told:
            check_key(key)
        assert key == "" or key not in str(told.value)


def test_plain_http_is_for_networks_of_ones_own() -> None:
    check(replace(GOOD, urls=("http://10.0.0.1/{z}/{x}/{y}",)), has_key=False, plain_http=True)


def test_tiles_that_are_and_are_not() -> None:
    assert GOOD.has(0, (3, 7, 7))
    for layer, place in ((1, (3, 1, 1)), (-1, (3, 1, 1)), (0, (0, 0, 0)), (0, (19, 1, 1)), (0, (3, 8, 1))):
        assert not GOOD.has(layer, place)


def test_the_key_is_not_in_its_text() -> None:
    assert "sealed" not in repr(GOOD)
