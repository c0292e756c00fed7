"""Needs of a reason taken together: joined, added up, ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from routing import trial
from routing.reason import ORDER, Code, Need, size_of


def asks(needs: Sequence[Need], code: Code) -> bool:
    """Whether one of them is of this kind."""
    return any(need.code == code for need in needs)


def merged(needs: Iterator[Need]) -> tuple[Need, ...]:
    """Where one limit is broken twice the larger counts."""
    found: dict[Need, Need] = {}
    for need in needs:
        key = replace(need, short=0)
        if key not in found or need.short > found[key].short:
            found[key] = need
    return tuple(found.values())


def summed(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Needs of one thing added up."""
    found: dict[Need, int] = {}
    for need in needs:
        key = replace(need, short=0)
        found[key] = found.get(key, 0) + need.short
    return tuple(replace(key, short=short) for key, short in found.items())


def rank_of(needs: Sequence[Need]) -> int:
    """How far off: fewer needs first, then those without somebody's decision, then the smaller."""
    decided = trial.DECIDED * any(need.code in ("prefix", "equipment") for need in needs)
    return len(needs) * trial.ONE_NEED + decided + sum(size_of(need) for need in needs)


def in_order(needs: Sequence[Need]) -> tuple[Need, ...]:
    """As a reason names them."""
    return tuple(sorted(needs, key=lambda need: ORDER[need.code]))
