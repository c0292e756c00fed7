"""One figure of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Mode = Literal["quick", "default", "full"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside a peer or a limit.

    Parameters
    ----------
    beside : what it is compared with, in words; empty when nothing
    ratio : value / beside_value
    expect : the expectation in words, such as ">= 5"
    ok : whether it holds; None when nothing is expected
    """

    name: str
    value: float
    unit: str
    beside: str = ""
    beside_value: float | None = None
    ratio: float | None = None
    expect: str = ""
    ok: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A part of a benchmark that is measured whole, so that a long run can go on where it was broken off.

    `version` names what its figures depend on: figures kept of another version are measured again.
    """

    name: str
    measure: Callable[[], Iterator[Figure]]
    version: str = ""
