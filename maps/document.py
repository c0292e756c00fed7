"""A map as a document: what stands on it, sheet by sheet, as plain data. No Folium, no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Final, Literal, get_args

from fleet.registry import Beat, Site, Van
from fleet.units import moment_of
from fleet.words import Locale, translate
from maps.day import Route, Stop
from maps.driven import Driven
from maps.haze import Haze
from maps.naming import named, place_name
from maps.reach import Series
from maps.scene import Feature, LonLat, bounds_of, collection
from tracking.coverage import Coverage

Kind = Literal["plan", "today", "coverage", "heat"]
Detail = Literal["shared", "exact", "named"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
DETAILS: Final[tuple[Detail, ...]] = get_args(Detail)
TITLES: Final[Mapping[Kind, str]] = {
    "plan": "Plan of the day",
    "today": "The day's tracks",
    "coverage": "Coverage of the beats",
    "heat": "15-minute circle",
}
CIRCLE_M: Final = 1000.0
"""The static circle: elders within so much of an open centre."""
_NUMBERED = ("visit", "dropoff", "reload", "handover")
_KIND_WORDS = {"visit": "Visit", "dropoff": "Drop-off", "reload": "Reload", "handover": "Handover"}
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Sheet:
    """One layer: GeoJSON whose features tell by `role` how they are drawn. Unnamed, it cannot be hidden."""

    code: str
    name: str
    features: Feature
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A map with the words around it.

    Parameters
    ----------
    key : what colours mean: colour and words
    notes : sentences below the title
    series : minute by minute, what the slider shows; see `series_values`
    """

    kind: Kind
    title: str
    notes: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    key: tuple[tuple[str, str], ...] = ()
    bounds: tuple[LonLat, LonLat] | None = None
    series: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """For whom a document is made: how much it may tell, in which language, in whose time."""

    detail: Detail
    locale: Locale
    zone: tzinfo
    haze: Haze

    def say(self, text: str, **params: object) -> str:
        """A sentence in the document's language."""
        return translate(self.locale, text, **params)

    def clock(self, epoch_ms: int) -> str:
        """A moment as the district's clocks show it."""
        return moment_of(epoch_ms).astimezone(self.zone).strftime("%H:%M")


def feature(geometry: str, coordinates: object, **properties: object) -> Feature:
    """A GeoJSON feature."""
    return {
        "type": "Feature",
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": properties,
    }


def minute_of_day(clock: time | datetime) -> int:
    """Minutes since midnight."""
    return clock.hour * 60 + clock.minute


def _at(point: LonLat) -> list[float]:
    return [round(point[0], _DIGITS), round(point[1], _DIGITS)]


def _line(points: Iterable[LonLat]) -> list[list[float]]:
    return [_at(point) for point in points]


def place_sheet(frame: Frame, sites: Iterable[Site]) -> Sheet:
    """Centres with their names, which are no secret."""
    found = [
        feature(
            "Point",
            _at((site.lon, site.lat)),
            role="place",
            label=named(site.name, site.name_en, frame.locale),
        )
        for site in sites
    ]
    return Sheet("places", frame.say("Centres"), collection(found))


def beat_sheet(frame: Frame, beats: Iterable[Beat]) -> Sheet:
    """The beats' outlines."""
    found = [
        feature(
            "MultiPolygon",
            [[_line(ring) for ring in part] for part in beat.polygons],
            role="beat",
            label=named(beat.name, beat.name_en, frame.locale),
        )
        for beat in beats
    ]
    return Sheet("beats", frame.say("Beats"), collection(found))


def route_sheet(frame: Frame, vans: Mapping[int, Van], routes: Iterable[Route], *, planned: bool) -> Sheet:
    """The planned lines; `planned` draws them as the main thing, otherwise dashed beneath what was driven."""
    found = []
    for route in routes:
        points = frame.haze.line(route.points)
        if len(points) > 1:
            van = vans.get(route.van_id)
            found.append(
                feature(
                    "LineString", _line(points), role="route" if planned else "planned", van=route.van_id,
                    colour=van.colour if van else "#51616f", label=_van_name(frame, van),
                )
            )  # fmt: skip
    return Sheet("routes", frame.say("Routes"), collection(found))


def _van_name(frame: Frame, van: Van | None) -> str:
    return named(van.name, van.name_en, frame.locale) if van else frame.say("Another van")


def numbered(stops: Iterable[Stop]) -> list[tuple[int, Stop]]:
    """The stops that have a number on the run sheet, counted van by van in their order."""
    counts: dict[int, int] = {}
    found = []
    for stop in sorted(stops, key=lambda each: (each.van_id, each.seq)):
        if stop.kind in _NUMBERED:
            counts[stop.van_id] = counts.get(stop.van_id, 0) + 1
            found.append((counts[stop.van_id], stop))
    return found


def stop_sheet(
    frame: Frame, vans: Mapping[int, Van], stops: Sequence[Stop], done: frozenset[int] = frozenset()
) -> Sheet:
    """The stops by their numbers; those of one van that are shown at one place are one mark."""
    marks: dict[tuple[int, LonLat], list[tuple[int, Stop]]] = {}
    for number, stop in numbered(stops):
        marks.setdefault((stop.van_id, frame.haze.place(stop.at)), []).append((number, stop))
    found = [
        feature(
            "Point",
            _at(at),
            role="stop",
            van=van_id,
            colour=vans[van_id].colour if van_id in vans else "#51616f",
            label=spans(number for number, _ in here),
            hint=" · ".join([_van_name(frame, vans.get(van_id)), *(_hint(frame, *each) for each in here)]),
            state="done" if all(stop.id in done for _, stop in here) else "to_come",
        )
        for (van_id, at), here in marks.items()
    ]
    # Later stops lie below earlier ones.
    return Sheet("stops", frame.say("Stops"), collection(reversed(found)))


def _hint(frame: Frame, number: int, stop: Stop) -> str:
    """A shared document tells the number and the kind, an exact one the time, a named one the place too."""
    parts = [str(number), frame.say(_KIND_WORDS[stop.kind])]
    if frame.detail != "shared":
        parts.append(stop.begins.astimezone(frame.zone).strftime("%H:%M"))
    if frame.detail == "named":
        parts.append(place_name(stop, frame.locale))
    return " ".join(parts)


def spans(numbers: Iterable[int]) -> str:
    """Numbers in order, those that follow each other as from-to: 1-3,7."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def driven_sheets(frame: Frame, vans: Mapping[int, Van], driven: Mapping[int, Driven]) -> tuple[Sheet, Sheet]:
    """What each van drove, and where it stood; when it did, only an exact document tells."""
    legs, stays = [], []
    for van_id, day in driven.items():
        van = vans[van_id]
        name = _van_name(frame, van)
        for leg in day.legs:
            points = frame.haze.line(leg.points)
            if len(points) > 1:
                times = _times(frame, leg.t_ms[0], leg.t_ms[-1])
                legs.append(
                    feature(
                        "LineString", _line(points), role="leg", van=van_id, colour=van.colour,
                        label=f"{name}{times}",
                    )
                )  # fmt: skip
        marks: dict[LonLat, list[tuple[int, str]]] = {}
        for stay in day.stays:
            times = _times(frame, stay.starts, stay.ends)
            marks.setdefault(frame.haze.place(stay.at), []).append((stay.n, times))
        for at, here in marks.items():
            label = spans(n for n, _ in here)
            times = "".join(dict.fromkeys(each for _, each in here))
            stays.append(
                feature(
                    "Point", _at(at), role="stay", van=van_id, colour=van.colour, label=label,
                    hint=frame.say("{van}: stays {n}", van=name, n=label) + times,
                )
            )  # fmt: skip
    return (
        Sheet("legs", frame.say("Tracks"), collection(legs)),
        Sheet("stays", frame.say("Stays"), collection(stays)),
    )


def _times(frame: Frame, starts_ms: int, ends_ms: int) -> str:
    if frame.detail == "shared":
        return ""
    return f" {frame.clock(starts_ms)}–{frame.clock(ends_ms)}"


def cell_sheet(frame: Frame, seen: Iterable[tuple[Beat, Coverage]]) -> Sheet:
    """The cells of the beats by how often they were passed, of how often they should be."""
    found = []
    for beat, coverage in seen:
        for cell, passes, unseen_s in zip(beat.cells, coverage.passes, coverage.unseen_s, strict=True):
            n = len(passes)
            state = "none" if not n else "part" if n < cell.passes else "full"
            hint = frame.say(
                "{beat}: passed {n} of {of} times, unseen for {minutes} min at most",
                beat=named(beat.name, beat.name_en, frame.locale),
                n=n,
                of=cell.passes,
                minutes=unseen_s // 60,
            )
            found.append(feature("Point", _at((cell.lon, cell.lat)), role="cell", state=state, hint=hint))
    return Sheet("cells", frame.say("Cells of the beats"), collection(found))


def circle_sheet(frame: Frame, centres: Iterable[Site]) -> Sheet:
    """The static circle: 1,000 m around each centre, with its hours."""
    found = [
        feature(
            "Point", _at((site.lon, site.lat)), role="circle", radius_m=CIRCLE_M,
            opens=minute_of_day(site.opens), closes=minute_of_day(site.closes),
        )
        for site in centres
    ]  # fmt: skip
    return Sheet("circles", frame.say("1,000 m around centres"), collection(found))


def reach_sheet(frame: Frame, series: Series) -> Sheet:
    """The cells where elders live, which the slider colours; how many live there is not told."""
    found = [
        feature("Point", [round(cell[0], 5), round(cell[1], 5)], role="reach", n=n, side_m=series.side_m)
        for n, cell in enumerate(series.cells)
    ]
    return Sheet("reach", frame.say("Minutes to the best van"), collection(found))


def bounds_of_sheets(sheets: Iterable[Sheet]) -> tuple[LonLat, LonLat] | None:
    """The box around everything that stands on some sheets."""
    points: list[LonLat] = []
    for sheet in sheets:
        features = sheet.features["features"]
        assert isinstance(features, list)
        for each in features:
            points += _points(each["geometry"]["coordinates"])
    return bounds_of(points)


def _points(coordinates: object) -> list[LonLat]:
    assert isinstance(coordinates, list)
    if coordinates and isinstance(coordinates[0], float | int):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]
