"""A plan as GPX 1.1 for navigation devices: of each van a route of its stops and the track that it drives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from routing.sheaf import Line, Sheaf
from routing.stored import RouteRow

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="CareVan" xmlns="http://www.topografix.com/GPX/1/1">\n'
    "<metadata><name>{name}</name></metadata>\n"
)


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The file in pieces. The schema wants all routes before all tracks."""
    yield _HEAD.format(name=escape(sheaf.title)).encode()
    for route in sheaf.routes:
        points = "\n".join(_point(line) for line in sheaf.lines(route.van_id))
        name = escape(sheaf.van_name(route.van_id))
        yield f"<rte><name>{name}</name>\n{points}\n</rte>\n".encode()
    for route in sheaf.routes:
        yield _track(sheaf, route)
    yield b"</gpx>\n"


def _point(line: Line) -> str:
    name = " ".join(part for part in (f"{line.seq}", line.what, line.place, line.who) if part)
    told = [f"{line.begins:%H:%M}–{line.leaves:%H:%M}"]
    told += [f"{item} {cups}" for item, cups in line.portions]
    told += [*line.flags, *line.notes]
    return (
        f'<rtept lat="{line.lat:.6f}" lon="{line.lon:.6f}"><time>{_instant(line.begins)}</time>'
        f"<name>{escape(name)}</name><desc>{escape('; '.join(told))}</desc><type>{line.kind}</type></rtept>"
    )


def _track(sheaf: Sheaf, route: RouteRow) -> bytes:
    points = "".join(f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"/>\n' for lon, lat in route.line)
    name = escape(sheaf.van_name(route.van_id))
    return f"<trk><name>{name}</name><trkseg>\n{points}</trkseg></trk>\n".encode()


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
