"""A track as CSV that Excel opens as it is: a byte order mark, headers in the asker's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from fleet.csv_cells import no_formula
from fleet.units import moment_of
from fleet.words import translate
from replay.export import Leaf, Order, Parts, flag_words

BATCH: Final = 2_000
HEADERS: Final = (
    "Time",
    "Epoch ms",
    "Terminal",
    "Longitude",
    "Latitude",
    "Altitude m",
    "Speed m/s",
    "Heading °",
    "Accuracy m",
    "HDOP",
    "Satellites",
    "Battery",
    "Flags",
    "Flag names",
    "In the track",
    "Received",
)


def write(order: Order, leaves: Iterable[Leaf]) -> Parts:
    """The file in pieces; times are the district's, to the second, beside the exact epoch milliseconds."""
    head = [translate(order.locale, each) for each in HEADERS]
    yield "\ufeff".encode() + _lines([head])
    for leaf in leaves:
        for part in leaf.parts(BATCH):
            yield _lines(_rows(order, part))


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _rows(order: Order, leaf: Leaf) -> Iterator[tuple[object, ...]]:
    fixes = leaf.fixes
    codes = [no_formula(code) for code in leaf.codes]
    zone = order.zone

    def said(epoch_ms: int) -> str:
        moment: datetime = moment_of(epoch_ms).astimezone(zone)
        return f"{moment:%Y-%m-%d %H:%M:%S}"

    columns = zip(
        fixes.t_ms.tolist(),
        leaf.terminal.tolist(),
        fixes.lon.tolist(),
        fixes.lat.tolist(),
        leaf.altitude_m.tolist(),
        fixes.speed_mps.tolist(),
        fixes.heading_deg.tolist(),
        fixes.accuracy_m.tolist(),
        leaf.hdop.tolist(),
        leaf.satellites.tolist(),
        fixes.battery.tolist(),
        fixes.flags.tolist(),
        leaf.chosen.tolist(),
        fixes.received_ms.tolist(),
        strict=True,
    )
    for (
        t,
        terminal,
        lon,
        lat,
        altitude,
        speed,
        heading,
        accuracy,
        hdop,
        satellites,
        battery,
        flags,
        chosen,
        got,
    ) in columns:
        yield (
            said(t), t, codes[terminal], f"{lon:.7f}", f"{lat:.7f}",
            number(altitude), number(speed), number(heading), number(accuracy), number(hdop),
            "" if satellites < 0 else satellites, number(battery),
            flags, flag_words(flags), int(chosen), said(got),
        )  # fmt: skip


def number(value: float) -> str:
    """A measured value as it was sent, empty where unknown."""
    return "" if value != value else f"{value:.6g}"
