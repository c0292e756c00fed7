"""One commit's worth of fixes as columns: judged, sorted and made unique all at once. Pure.

A fix of a thousand costs a hundredth here of what it costs as an object of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from operator import attrgetter
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from fleet import geo
from tracking.fix import (
    AHEAD_FLAGGED_MS,
    FLAG_AHEAD,
    FLAG_INACCURATE,
    FLAG_ZERO_ISLAND,
    ZERO_ISLAND_DEG,
    digests_of,
)
from tracking.parcel import Parcel
from tracking.source import Identity

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Truths: TypeAlias = npt.NDArray[np.bool_]
OPTIONAL: Final = (
    "speed_mps", "heading_deg", "altitude_m", "accuracy_m", "hdop", "satellites", "battery",
)  # fmt: skip
"""The columns of a fix that may be unknown, in the table's order."""
_SPEED, _ACCURACY = OPTIONAL.index("speed_mps"), OPTIONAL.index("accuracy_m")
_EACH: Final = attrgetter("lon", "lat", *OPTIONAL)
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Lot:
    """Fixes as columns of one length n >= 0, sorted by identity, no identity twice.

    Parameters
    ----------
    lon, lat : degrees, WGS-84
    optional : n x 7, in the order of `OPTIONAL`; not a number where unknown
    flags : as in `tracking.fix`
    careful : may be stored already
    """

    van_id: Ints
    t_ms: Ints
    terminal_id: Ints
    digest: Ints
    district_id: Ints
    lon: Floats
    lat: Floats
    optional: Floats
    flags: Ints
    received_ms: Ints
    careful: Truths

    def __len__(self) -> int:
        return len(self.van_id)

    def take(self, which: Truths | Ints | slice) -> Lot:
        """Some of them, in order."""
        return Lot(*[getattr(self, name)[which] for name in _NAMES])

    def all_careful(self) -> Lot:
        """The same, each taken for a possible repeat."""
        columns = {each.name: getattr(self, each.name) for each in fields(self)}
        return Lot(**{**columns, "careful": np.ones(len(self), bool)})

    def identities(self) -> list[Identity]:
        """What makes each of them itself."""
        columns = (self.van_id, self.t_ms, self.terminal_id, self.digest)
        return [Identity(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]

    def days(self) -> set[int]:
        """The days they lie in, since 1970 (UTC): the partitions' keys."""
        return set(np.unique(self.t_ms // _DAY_MS).tolist())


_NAMES: Final = tuple(each.name for each in fields(Lot))


def lot_of(parcels: Sequence[Parcel]) -> Lot:
    """Put the fixes of some messages together: what came twice is in it once, and careful if either was."""
    counts = [len(each.fixes) for each in parcels]
    fixes = [fix for each in parcels for _, fix in each.fixes]
    sources = [each.source for each in parcels]
    shared = np.array(
        [
            (source.van_id, source.terminal_id, source.district_id, each.received_ms, each.repeats)
            for each, source in zip(parcels, sources, strict=True)
        ],
        np.int64,
    ).reshape(-1, 5)
    van_id, terminal_id, district_id, received_ms, repeats = np.repeat(shared, counts, axis=0).T
    limit_m = np.repeat(np.array([each.accuracy_limit_m for each in parcels]), counts)
    t_ms = np.array([fix.t for fix in fixes], np.int64)
    # None becomes not a number, which no fix may hold.
    values = np.array(list(chain.from_iterable(map(_EACH, fixes))), np.float64).reshape(-1, 2 + len(OPTIONAL))
    lon, lat, optional = values[:, 0], values[:, 1], values[:, 2:]
    digest = digests_of(lon, lat, optional[:, _SPEED])
    flags = _flags(t_ms - received_ms, values, limit_m)
    if any([each.flags for each in parcels]):
        flags |= np.array([each.flags.get(place, 0) for each in parcels for place, _ in each.fixes], np.int64)
    _shift(parcels, lon, lat)
    careful = repeats.astype(bool)
    keys = (van_id, t_ms, terminal_id, digest)
    lot = Lot(*keys, district_id, lon, lat, optional, flags, received_ms, careful)
    return _unique(lot)


def merged(lots: Sequence[Lot]) -> Lot:
    """Some lots as one, what came twice in it once; at least one is needed."""
    return (
        lots[0]
        if len(lots) == 1
        else _unique(Lot(*[np.concatenate(each) for each in zip(*map(_columns, lots), strict=True)]))
    )


def _columns(lot: Lot) -> list[Any]:
    return [getattr(lot, name) for name in _NAMES]


def newest_by_van(lot: Lot) -> Lot:
    """The newest unflagged fix of each van, by van; of one instant the smaller (terminal, digest)."""
    sound = lot.take(lot.flags == 0)
    instants = np.flatnonzero(_differs(sound.van_id) | _differs(sound.t_ms))
    is_last = np.append(_differs(sound.van_id[instants])[1:], np.ones(min(1, len(instants)), bool))
    return sound.take(instants[is_last])


def _unique(lot: Lot) -> Lot:
    order = np.lexsort((lot.digest, lot.terminal_id, lot.t_ms, lot.van_id))
    lot = lot.take(order)
    is_first = _differs(lot.van_id) | _differs(lot.t_ms) | _differs(lot.terminal_id) | _differs(lot.digest)
    if is_first.all():
        return lot
    starts = np.flatnonzero(is_first)
    careful = np.logical_or.reduceat(lot.careful, starts)
    kept = lot.take(starts)
    columns: dict[str, Any] = {each.name: getattr(kept, each.name) for each in fields(kept)}
    return Lot(**{**columns, "careful": careful})


def _flags(ahead_ms: Ints, values: Floats, limit_m: Floats) -> Ints:
    """The flags that each earns by itself; those that depend on neighbours are never stored."""
    flags = np.where(ahead_ms > AHEAD_FLAGGED_MS, FLAG_AHEAD, 0)
    flags |= np.where(values[:, 2 + _ACCURACY] > limit_m, FLAG_INACCURATE, 0)
    is_nowhere = (np.abs(values[:, :2]) < ZERO_ISLAND_DEG).all(axis=1)
    flags |= np.where(is_nowhere, FLAG_ZERO_ISLAND, 0)
    return flags


def _shift(parcels: Sequence[Parcel], lon: Floats, lat: Floats) -> None:
    """Bring the fixes of terminals that report in another datum to WGS-84, in place."""
    at = 0
    for each in parcels:
        if each.source.datum != "wgs84":
            for k in range(at, at + len(each.fixes)):
                lon[k], lat[k] = geo.to_wgs84((float(lon[k]), float(lat[k])), each.source.datum)
        at += len(each.fixes)


def _differs(column: Ints) -> Truths:
    """Where a value is not the one before it; the first always."""
    differs = np.ones(len(column), bool)
    differs[1:] = column[1:] != column[:-1]
    return differs
