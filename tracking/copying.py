"""A lot as PostgreSQL's binary COPY takes it. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tracking.fix import YEAR_2000_MS
from tracking.lot import OPTIONAL, Lot

COLUMNS: Final = ("van_id", "t", "terminal_id", "digest", "geom", *OPTIONAL, "flags", "received_at")
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
# EWKB, big-endian: its byte order, a point that carries its reference system, which one.
_EWKB: Final = (0, 0x20000001, 4326)
_BITS: Final = 1 << np.arange(len(OPTIONAL))


def copy_body(lot: Lot) -> bytes:
    """The lot as one binary COPY stream, rows in its order."""
    unknown = np.isnan(lot.optional) @ _BITS
    patterns = np.unique(unknown).tolist()
    if len(patterns) == 1:
        return b"".join((_HEADER, _packed(lot, patterns[0]).tobytes(), _TRAILER))
    rows = np.empty(len(lot), object)
    for pattern in patterns:
        which = np.flatnonzero(unknown == pattern)
        made = _packed(lot.take(which), pattern)
        rows[which] = [each.tobytes() for each in made]
    return b"".join((_HEADER, *rows.tolist(), _TRAILER))


def _packed(lot: Lot, unknown: int) -> npt.NDArray[Any]:
    """Rows whose unknown columns are these, one record each."""
    template = _template(unknown)
    rows = np.repeat(template, len(lot))
    rows["van_id"], rows["terminal_id"], rows["digest"] = lot.van_id, lot.terminal_id, lot.digest
    # Microseconds since 2000, PostgreSQL's own epoch.
    rows["t"] = (lot.t_ms - YEAR_2000_MS) * 1000
    rows["received_at"] = (lot.received_ms - YEAR_2000_MS) * 1000
    rows["lon"], rows["lat"], rows["flags"] = lot.lon, lot.lat, lot.flags
    for n, name in enumerate(OPTIONAL):
        if not unknown >> n & 1:
            rows[name] = lot.optional[:, n]
    return rows


@lru_cache(maxsize=128)
def _template(unknown: int) -> npt.NDArray[Any]:
    """One record with all that is the same in every row: counts of columns, lengths, and what is unknown."""
    shape: list[tuple[str, str]] = [("columns", ">i2")]
    for name, kind in (("van_id", ">i4"), ("t", ">i8"), ("terminal_id", ">i4"), ("digest", ">i8")):
        shape += [(f"{name}_size", ">i4"), (name, kind)]
    shape += [
        ("geom_size", ">i4"),
        ("order", "u1"),
        ("type", ">u4"),
        ("srid", ">i4"),
        ("lon", ">f8"),
        ("lat", ">f8"),
    ]
    for n, name in enumerate(OPTIONAL):
        shape.append((f"{name}_size", ">i4"))
        if not unknown >> n & 1:
            shape.append((name, ">i2" if name == "satellites" else ">f4"))
    shape += [("flags_size", ">i4"), ("flags", ">i2"), ("received_at_size", ">i4"), ("received_at", ">i8")]
    made = np.zeros(1, np.dtype(shape))
    made["columns"] = len(COLUMNS)
    made["order"], made["type"], made["srid"] = _EWKB
    for name in COLUMNS:
        known = name in (made.dtype.names or ())
        made[f"{name}_size"] = 25 if name == "geom" else made.dtype[name].itemsize if known else -1
    return made
