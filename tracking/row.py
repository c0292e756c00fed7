"""A fix as the database takes it: one row of PostgreSQL's binary COPY."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from fleet import geo
from tracking.fix import YEAR_2000_MS, Bounds, Fix, digest_of, flags_of

COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER: Final = b"\xff\xff"
COLUMNS: Final = (
    "van_id", "t", "terminal_id", "digest", "geom", "speed_mps", "heading_deg", "altitude_m", "accuracy_m",
    "hdop", "satellites", "battery", "flags", "received_at",
)  # fmt: skip
_DAY_MS = 86_400_000
# EWKB, big-endian: a point that carries its reference system.
_EWKB = (0, 0x20000001, 4326)
Protocol: TypeAlias = Literal["carevan.v1", "osmand", "owntracks", "jt808"]
# The optional columns, speed_mps to battery: real, but for the count of satellites.
_KINDS = "fffffhf"
_SIZES: Final = {"f": 4, "h": 2}
# What may stand before a cell's value: that there is none, or its length.
_SIGNS: Final = (-1, 4, 2)


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


class Row(msgspec.Struct, frozen=True, gc=False):
    """One fix on its way into the database.

    Parameters
    ----------
    lon, lat : degrees, WGS-84
    received_ms : when it reached us, epoch milliseconds
    packed : the row in binary COPY form
    """

    identity: Identity
    fix: Fix
    lon: float
    lat: float
    flags: int
    received_ms: int
    packed: bytes

    @property
    def day(self) -> int:
        """Days since 1970 (UTC), the partition's key."""
        return self.identity.t // _DAY_MS


def row_of(fix: Fix, source: Source, bounds: Bounds) -> Row:
    """Make the row of a fix that was not refused."""
    identity = Identity(source.van_id, fix.t, source.terminal_id, digest_of(fix))
    lon, lat = fix.lon, fix.lat
    if source.datum != "wgs84":
        lon, lat = geo.to_wgs84((lon, lat), source.datum)
    flags = flags_of(fix, bounds)
    packed = _pack(identity, fix, (lon, lat), (flags, bounds.now_ms))
    return Row(identity, fix, lon, lat, flags, bounds.now_ms, packed)


def copy_body(rows: Sequence[Row]) -> bytes:
    """The rows as one binary COPY stream."""
    return b"".join((COPY_HEADER, *[row.packed for row in rows], COPY_TRAILER))


def _pack(identity: Identity, fix: Fix, place: tuple[float, float], stamp: tuple[int, int]) -> bytes:
    optional = (
        fix.speed_mps, fix.heading_deg, fix.altitude_m, fix.accuracy_m, fix.hdop, fix.satellites, fix.battery,
    )  # fmt: skip
    # Times are microseconds since 2000, PostgreSQL's own epoch.
    layout, cells_of = _layout(tuple([value is None for value in optional]))
    van_id, t, terminal_id, digest = identity
    flags, received_ms = stamp
    return layout.pack(
        14, 4, van_id, 8, (t - YEAR_2000_MS) * 1000, 4, terminal_id, 8, digest, 25, *_EWKB, *place,
        *cells_of((*_SIGNS, *optional)), 2, flags, 8, (received_ms - YEAR_2000_MS) * 1000,
    )  # fmt: skip


@lru_cache(maxsize=128)
def _layout(unknown: tuple[bool, ...]) -> tuple[Struct, Callable[[Sequence[object]], tuple[object, ...]]]:
    """How a row is laid out whose columns are unknown so, and what picks its cells from signs and values."""
    kinds, picked = "", list[int]()
    for i, kind in enumerate(_KINDS):
        if unknown[i]:
            kinds += "i"
            picked.append(_SIGNS.index(-1))
        else:
            kinds += f"i{kind}"
            picked += (_SIGNS.index(_SIZES[kind]), len(_SIGNS) + i)
    return Struct(f">hiiiqiiiqiBIIdd{kinds}ihiq"), itemgetter(*picked)
