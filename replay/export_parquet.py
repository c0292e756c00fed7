"""A track as Parquet: each day row groups of its own, units in the columns' metadata. Alone knows Arrow."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import parquet

from replay.export import FLAG_NAMES, Leaf, Order, Parts
from tracking.track import Floats

GROUP: Final = 50_000
"""The most rows of a row group."""


class _Sink(io.RawIOBase):
    """What Arrow writes into; what was written is taken out between two row groups."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._written += len(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


def write(order: Order, leaves: Iterable[Leaf]) -> Parts:
    """The file in pieces, each as soon as its row group is closed; the footer is the last."""
    sink = _Sink()
    schema = _schema(order)
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for leaf in leaves:
            for part in leaf.parts(GROUP):
                writer.write_table(pa.Table.from_arrays(_columns(part), schema=schema))
                yield sink.taken()
    yield sink.taken()


def _schema(order: Order) -> Any:
    def of(name: str, kind: Any, unit: str = "", *, known: bool = False) -> Any:
        return pa.field(name, kind, nullable=not known, metadata={"unit": unit} if unit else None)

    instant = pa.timestamp("ms", tz="UTC")
    code = pa.dictionary(pa.int32(), pa.string())
    flags = " ".join(f"{bit}={name}" for bit, name in FLAG_NAMES)
    return pa.schema(
        [
            of("time", instant, known=True),
            of("terminal", code, known=True),
            of("lon", pa.float64(), "degrees, WGS-84", known=True),
            of("lat", pa.float64(), "degrees, WGS-84", known=True),
            of("altitude_m", pa.float32(), "m"),
            of("speed_mps", pa.float32(), "m/s"),
            of("heading_deg", pa.float32(), "degrees from north, clockwise"),
            of("accuracy_m", pa.float32(), "m"),
            of("hdop", pa.float32()),
            of("satellites", pa.int16()),
            of("battery", pa.float32(), "0 to 1"),
            of("flags", pa.int16(), flags, known=True),
            of("chosen", pa.bool_(), "whether the track takes it of its instant", known=True),
            of("received", instant, known=True),
        ],
        metadata={
            "van": order.van.code,
            "first": str(order.first),
            "last": str(order.last),
            "timezone": order.district.timezone,
        },
    )


def _columns(leaf: Leaf) -> list[Any]:
    fixes = leaf.fixes
    instant = pa.timestamp("ms", tz="UTC")
    terminal = pa.DictionaryArray.from_arrays(
        pa.array(leaf.terminal.astype(np.int32)), pa.array(list(leaf.codes), pa.string())
    )
    return [
        pa.array(fixes.t_ms).cast(instant),
        terminal,
        pa.array(fixes.lon),
        pa.array(fixes.lat),
        _measured(leaf.altitude_m),
        _measured(fixes.speed_mps),
        _measured(fixes.heading_deg),
        _measured(fixes.accuracy_m),
        _measured(leaf.hdop),
        pa.array(leaf.satellites.astype(np.int16), mask=leaf.satellites < 0),
        _measured(fixes.battery),
        pa.array(fixes.flags.astype(np.int16)),
        pa.array(leaf.chosen),
        pa.array(fixes.received_ms).cast(instant),
    ]


def _measured(column: Floats) -> Any:
    narrow: npt.NDArray[np.float32] = column.astype(np.float32)
    return pa.array(narrow, mask=np.isnan(column))
