"""A track as GeoJSON (RFC 7946): a line for each stretch without a gap, and a point for each stored fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from replay.export import Leaf, Order, Parts, flag_words, instant

BATCH: Final = 2_000
Json = dict[str, object]


def write(order: Order, leaves: Iterable[Leaf]) -> Parts:
    """The file in pieces: one FeatureCollection; positions are lon, lat and, where known, altitude."""
    yield b'{"type":"FeatureCollection","features":['
    comma = b""
    for leaf in leaves:
        for features in _features(order, leaf):
            if features:
                yield comma + b",\n".join(msgspec.json.encode(each) for each in features)
                comma = b",\n"
    yield b"]}\n"


def _features(order: Order, leaf: Leaf) -> Iterator[list[Json]]:
    yield from ([line] for line in _lines(order, leaf))
    for part in leaf.parts(BATCH):
        yield [_point(order, part, n) for n in range(len(part))]


def _lines(order: Order, leaf: Leaf) -> Iterator[Json]:
    """A line needs two positions: a lone fix between two gaps is told as a point only."""
    for stretch in leaf.stretches():
        fixes = stretch.fixes
        if len(fixes) > 1:
            places = zip(np.round(fixes.lon, 7).tolist(), np.round(fixes.lat, 7).tolist(), strict=True)
            yield {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": list(places)},
                "properties": {
                    "role": "track",
                    "van": order.van.code,
                    "starts": instant(int(fixes.t_ms[0])),
                    "ends": instant(int(fixes.t_ms[-1])),
                },
            }


def _point(order: Order, leaf: Leaf, n: int) -> Json:
    fixes, flags = leaf.fixes, int(leaf.fixes.flags[n])
    place = [round(float(fixes.lon[n]), 7), round(float(fixes.lat[n]), 7)]
    altitude = _known(float(leaf.altitude_m[n]))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place if altitude is None else [*place, altitude]},
        "properties": {
            "role": "fix",
            "van": order.van.code,
            "time": instant(int(fixes.t_ms[n])),
            "terminal": leaf.codes[leaf.terminal[n]],
            "speed_mps": _known(float(fixes.speed_mps[n])),
            "heading_deg": _known(float(fixes.heading_deg[n])),
            "accuracy_m": _known(float(fixes.accuracy_m[n])),
            "hdop": _known(float(leaf.hdop[n])),
            "satellites": None if leaf.satellites[n] < 0 else int(leaf.satellites[n]),
            "battery": _known(float(fixes.battery[n])),
            "flags": flag_words(flags).split(),
            "chosen": bool(leaf.chosen[n]),
            "received": instant(int(fixes.received_ms[n])),
        },
    }


def _known(value: float) -> float | None:
    return None if value != value else float(f"{value:.6g}")
