"""What a small screen says of the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.outbox import Message
from tests.tracking.platform import NOON
from tracking.jt808_text import is_urgent, words_of


def _message(kind: str, body: dict[str, Any]) -> Message:
    return Message(1, kind, body, NOON)


_TASK = {"id": "sos:1", "place": "3号楼", "who": "刘*珍", "eta_s": 290}
_BARE = {"id": "sos:1", "place": None, "who": None, "eta_s": None}
_PLAN = {"day": "2026-07-22", "stops": [{"name": ""}, {"name": "柳泉站"}]}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("say", {"text": "请回\n中心"}, "请回 中心"),
        ("task", _TASK, "紧急呼叫:3号楼,刘*珍,约5分钟,请立即前往。"),
        ("task", _BARE, "紧急呼叫:地点见平台,请立即前往。"),
        ("withdraw", {"task": "sos:1"}, "紧急呼叫已撤回,请按原计划行驶。"),
        ("plan", _PLAN, "2026-07-22计划:2站,首站柳泉站。"),
        ("plan", {"day": "2026-07-22", "stops": []}, ""),
        ("song", {"text": "la"}, ""),
        ("say", {}, ""),
    ],
)
def test_each_kind_is_one_line(kind: str, body: dict[str, Any], words: str) -> None:
    assert words_of(_message(kind, body)) == words


def test_only_a_task_is_urgent() -> None:
    assert is_urgent(_message("task", {}))
    assert not is_urgent(_message("say", {}))
