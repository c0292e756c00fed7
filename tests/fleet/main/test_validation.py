import pytest
from pydantic import TypeAdapter, ValidationError

from fleet.main.sos_api import CallForm
from fleet.main.validation import refusal
from fleet.words import translate


@pytest.mark.parametrize(
    ("body", "english", "chinese"),
    [
        ('{"lon": 181}', "lon is above 180", "lon 不能大于 180"),
        ('{"lat": -91}', "lat is below -90", "lat 不能小于 -90"),
        ('{"lon": "east"}', "lon is not a number", "lon 不是数字"),
        ('{"place": "' + "x" * 201 + '"}', "longer than 200", "超过 200"),
        ('{"plaice": "x"}', "plaice is not known", "不支持字段 plaice"),
        ("{", "not readable as JSON", "不是有效的 JSON"),
        ('{"place": 7}', "place is not what is expected", "place 不符合要求"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(body: str, english: str, chinese: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(CallForm).validate_json(body)
    first = caught.value.errors()[0]
    said = refusal({**first, "loc": ("body", *first["loc"])})
    assert english in str(said)
    assert chinese in translate("zh", said.text, **said.params)
