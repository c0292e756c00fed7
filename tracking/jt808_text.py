"""A van's outbox in the words of a small screen: one line of Chinese each, for JT/T 808 devices. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.outbox import Message


def words_of(message: Message) -> str:
    """What the device shows and speaks; empty where there is nothing to say."""
    say = _KINDS.get(message.kind)
    return " ".join(say(message.body).split()) if say is not None else ""


def is_urgent(message: Message) -> bool:
    """Whether somebody waits for the van."""
    return message.kind == "task"


def _said(body: Mapping[str, Any]) -> str:
    return str(body.get("text") or "")


def _task(body: Mapping[str, Any]) -> str:
    parts = [str(body.get("place") or "地点见平台")]
    if body.get("who"):
        parts.append(str(body["who"]))
    if isinstance(body.get("eta_s"), int):
        parts.append(f"约{max(1, round(body['eta_s'] / 60))}分钟")
    return f"紧急呼叫:{','.join(parts)},请立即前往。"


def _withdraw(body: Mapping[str, Any]) -> str:
    return "紧急呼叫已撤回,请按原计划行驶。" if body.get("task") else ""


def _plan(body: Mapping[str, Any]) -> str:
    stops = body.get("stops")
    if not isinstance(stops, list) or not stops:
        return ""
    first = next((str(stop["name"]) for stop in stops if isinstance(stop, dict) and stop.get("name")), "")
    return f"{body.get('day', '')}计划:{len(stops)}站" + (f",首站{first}。" if first else "。")


_KINDS = {"say": _said, "task": _task, "withdraw": _withdraw, "plan": _plan}
