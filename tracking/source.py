"""Whose a fix is, and what makes it itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from fleet import geo
from tracking.fix import Fix, digest_of

Protocol: TypeAlias = Literal["carevan.v1", "osmand", "owntracks", "jt808"]


class Identity(NamedTuple):
    """What makes a fix itself: an equal one is a repeat, an unequal one is another fix."""

    van_id: int
    t: int
    terminal_id: int
    digest: int


@dataclass(frozen=True, slots=True)
class Source:
    """Whose fixes they are, as the registry knows it.

    Parameters
    ----------
    datum : in which the terminal reports; WGS-84 is stored
    protocol : which it speaks
    """

    terminal_id: int
    van_id: int
    district_id: int
    datum: geo.Datum = "wgs84"
    protocol: Protocol = "carevan.v1"


def identity_of(fix: Fix, source: Source) -> Identity:
    """The identity of one fix; `tracking.lot` makes those of many."""
    return Identity(source.van_id, fix.t, source.terminal_id, digest_of(fix))
