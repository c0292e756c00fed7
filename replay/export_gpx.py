"""A track as GPX 1.1: of each day the track itself, and beside it what was left out of it and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape

from fleet.words import translate
from replay.export import Leaf, Order, Parts, flag_words, instant

BATCH: Final = 2_000
NAMESPACE: Final = "urn:carevan:track:1"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="CareVan" xmlns="http://www.topografix.com/GPX/1/1"'
    f' xmlns:carevan="{NAMESPACE}">\n<metadata><name>{{name}}</name></metadata>\n'
)


def write(order: Order, leaves: Iterable[Leaf]) -> Parts:
    """The file in pieces.

    Of each day a `trk` of type ``track``, with a new segment after each gap, and where fixes were left out
    one of type ``left_out``, each fix a segment of its own.
    """
    van = order.van.name_en if order.locale == "en" and order.van.name_en else order.van.name
    yield _HEAD.format(name=escape(f"{van} {order.first} - {order.last}")).encode()
    for leaf in leaves:
        sound = leaf.sound
        if sound.any():
            yield _track(f"{van} {leaf.day}", "track")
            yield from _segments(leaf)
            yield b"</trk>\n"
        if not sound.all():
            said = translate(order.locale, "left out")
            yield _track(f"{van} {leaf.day} {said}", "left_out")
            for part in leaf.take(~sound).parts(BATCH):
                points = (f"<trkseg>{point}</trkseg>\n" for point in _points(part))
                yield "".join(points).encode()
            yield b"</trk>\n"
    yield b"</gpx>\n"


def _track(name: str, kind: str) -> bytes:
    return f"<trk><name>{escape(name)}</name><type>{kind}</type>\n".encode()


def _segments(leaf: Leaf) -> Parts:
    for stretch in leaf.stretches():
        yield b"<trkseg>\n"
        for part in stretch.parts(BATCH):
            yield "\n".join([*_points(part), ""]).encode()
        yield b"</trkseg>\n"


def _points(leaf: Leaf) -> Iterator[str]:
    fixes = leaf.fixes
    codes = [escape(code) for code in leaf.codes]
    for n in range(len(leaf)):
        altitude, hdop = float(leaf.altitude_m[n]), float(leaf.hdop[n])
        satellites = int(leaf.satellites[n])
        yield (
            f'<trkpt lat="{fixes.lat[n]:.7f}" lon="{fixes.lon[n]:.7f}">'
            f"{_element('ele', altitude)}<time>{instant(int(fixes.t_ms[n]))}</time>"
            f"<src>{codes[leaf.terminal[n]]}</src>"
            f"{'' if satellites < 0 else f'<sat>{satellites}</sat>'}{_element('hdop', hdop)}"
            f"<extensions>{_extensions(leaf, n)}</extensions></trkpt>"
        )


def _extensions(leaf: Leaf, n: int) -> str:
    fixes, flags = leaf.fixes, int(leaf.fixes.flags[n])
    return (
        f"{_element('carevan:speed_mps', float(fixes.speed_mps[n]))}"
        f"{_element('carevan:heading_deg', float(fixes.heading_deg[n]))}"
        f"{_element('carevan:accuracy_m', float(fixes.accuracy_m[n]))}"
        f"{_element('carevan:battery', float(fixes.battery[n]))}"
        f"<carevan:flags>{flag_words(flags)}</carevan:flags>"
        f"<carevan:chosen>{'true' if leaf.chosen[n] else 'false'}</carevan:chosen>"
        f"<carevan:received>{instant(int(fixes.received_ms[n]))}</carevan:received>"
    )


def _element(name: str, value: float) -> str:
    return "" if value != value else f"<{name}>{decimal(value)}</{name}>"


def decimal(value: float) -> str:
    """A number as XML Schema's decimal takes it: no exponent."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
