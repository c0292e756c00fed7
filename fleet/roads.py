"""Road times, routes and matching: the only module that talks to OSRM.

Without a server, or while it is down, every answer is the estimate of `driving`, and says so in its `basis`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import httpx2
import msgspec
import numpy as np
import structlog

from fleet import driving
from fleet.driving import UNREACHABLE, Basis, Leg, Line, Matched, MatchedLeg, Matrix
from fleet.geo import LonLat
from fleet.known_tables import Asked, Known, KnownTables
from fleet.osrm_messages import Answer, Refusal, Routes, Table, Traces, Waypoints

__all__ = ["UNREACHABLE", "Basis", "Leg", "Line", "Matched", "MatchedLeg", "Matrix", "Roads", "Snapped"]

# A site farther from any road than this is not on the map: reported as unreachable, not guessed.
SNAP_LIMIT_M = 1_000
_AFTER_FAILURE_S = 5.0
_ROUTE_POINTS = 100
MATCH_FIXES = 100
_SMALL_BLOCK = 50
_NEW_SHARE = 0.05
"""With more places than this that no kept table knows, a table is kept itself."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Snapped:
    """A point moved onto the nearest road. `distance_m` is how far it was moved."""

    point: LonLat
    distance_m: float
    road: str
    basis: Basis


class Roads:
    """The client. Thread-safe; every call answers, by road or by estimate.

    Parameters
    ----------
    url : address of an OSRM server with a car profile; empty: estimates only
    timeout_s : the longest wait for one answer
    block : points a side of a table asked at once
    """

    def __init__(self, url: str = "", *, timeout_s: float = 20.0, block: int = 250) -> None:
        self._url = url.rstrip("/")
        self._block = block
        self._down_until = 0.0
        self._tables = KnownTables()
        self._http = httpx2.Client(
            timeout=httpx2.Timeout(timeout_s, connect=2.0),
            # The server closes an idle connection after 5 s; ours must go before.
            limits=httpx2.Limits(max_connections=8, keepalive_expiry=2.0),
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def table(self, points: Sequence[LonLat]) -> Matrix:
        """Times and distances between all points, asked in blocks.

        A point farther than `SNAP_LIMIT_M` from any road reaches nothing and is reached by nothing.
        """
        try:
            return self._table(points)
        except (_NoRoads, _Refused):
            return driving.estimate_table(points)

    def route(self, points: Sequence[LonLat]) -> Line:
        """The line driven through all points in order; where no road leads, a straight leg with -1.

        Raises
        ------
        ValueError : fewer than two points.
        """
        if len(points) < 2:
            raise ValueError("a route needs two points")
        try:
            return self._route(points)
        except _NoRoads:
            return driving.estimate_line(points)

    def nearest(self, point: LonLat) -> Snapped:
        """The nearest place on a road; the point itself without roads."""
        try:
            at = self._ask("nearest", [point], {"number": "1"}, Waypoints).waypoints[0]
        except (_NoRoads, _Refused):
            return Snapped(point, 0.0, "", "great-circle")
        return Snapped(at.location, at.distance, at.name, "road")

    def match(self, points: Sequence[LonLat], times_s: Sequence[int], *, accuracy_m: float = 10.0) -> Matched:
        """Lay a track onto the roads; without roads it comes back as it is.

        Parameters
        ----------
        points, times_s : the track, as many of each, strictly increasing in time
        accuracy_m : the fixes' usual error
        """
        placed: list[LonLat | None] = []
        legs: list[MatchedLeg] = []
        try:
            for start in range(0, len(points), MATCH_FIXES):
                part = slice(start, start + MATCH_FIXES)
                matched = self._match(points[part], times_s[part], accuracy_m)
                placed += matched.points
                legs += [replace(leg, first=leg.first + start, last=leg.last + start) for leg in matched.legs]
        except _NoRoads:
            return Matched(tuple(points), "great-circle")
        return Matched(tuple(placed), "road", tuple(legs))

    def _table(self, points: Sequence[LonLat]) -> Matrix:
        known, block = self._tables.of(points), self._block
        try:
            table = self._asked(points, known)
        except _Refused as refused:
            # A server of somebody else's may allow small tables only: OSRM's own default is 100 points.
            if refused.code != "TooBig" or block <= _SMALL_BLOCK:
                raise
            self._block = _SMALL_BLOCK
            return self._table(points)
        if known is None or known.new > _NEW_SHARE * len(points):
            self._tables.keep(points, table)
        seconds, metres = table.seconds.copy(), table.metres.copy()
        for values in (seconds, metres):
            values[table.off_road, :] = UNREACHABLE
            values[:, table.off_road] = UNREACHABLE
            np.fill_diagonal(values, 0)
        return Matrix(seconds, metres, "road")

    def _asked(self, points: Sequence[LonLat], known: Known | None) -> Asked:
        """All pairs, from a table that knows some of the places, and from the server."""
        n = len(points)
        table = Asked(np.zeros((n, n), np.int32), np.zeros((n, n), np.int32), np.zeros(n, bool))
        every = list(range(n))
        if known is None:
            self._put(table, points, every, every)
            return table
        old, new = np.flatnonzero(known.at >= 0), np.flatnonzero(known.at < 0)
        area, at = np.ix_(old, old), known.at[old]
        table.seconds[area] = known.table.seconds[np.ix_(at, at)]
        table.metres[area] = known.table.metres[np.ix_(at, at)]
        table.off_road[old] = known.table.off_road[at]
        self._put(table, points, new.tolist(), every)
        self._put(table, points, old.tolist(), new.tolist())
        return table

    def _put(self, table: Asked, points: Sequence[LonLat], rows: list[int], columns: list[int]) -> None:
        """Ask what it takes from some places to others, in blocks."""
        for some, others in itertools.product(self._blocks(rows), self._blocks(columns)):
            answer = self._ask_block(points, some, others)
            area = np.ix_(some, others)
            table.seconds[area] = _rounded(answer.durations)
            table.metres[area] = _rounded(answer.distances)
            table.off_road[some] = [at.distance > SNAP_LIMIT_M for at in answer.sources]

    def _blocks(self, places: list[int]) -> list[list[int]]:
        return [places[start : start + self._block] for start in range(0, len(places), self._block)]

    def _ask_block(self, points: Sequence[LonLat], rows: list[int], columns: list[int]) -> Table:
        ask = {"annotations": "duration,distance", "generate_hints": "false"}
        if rows == columns and len(rows) > 1:
            return self._ask("table", [points[i] for i in rows], ask, Table)
        ask["sources"] = ";".join(str(i) for i in range(len(rows)))
        ask["destinations"] = ";".join(str(len(rows) + i) for i in range(len(columns)))
        return self._ask("table", [points[i] for i in (*rows, *columns)], ask, Table)

    def _route(self, points: Sequence[LonLat]) -> Line:
        lines: list[Line] = []
        for start in range(0, len(points) - 1, _ROUTE_POINTS):
            part = points[start : start + _ROUTE_POINTS + 1]
            try:
                lines.append(self._route_part(part))
            except _Refused:
                # Some leg cannot be driven: find out which, and keep the others.
                lines += [self._route_leg(a, b) for a, b in itertools.pairwise(part)]
        return driving.joined(lines)

    def _route_leg(self, a: LonLat, b: LonLat) -> Line:
        try:
            return self._route_part([a, b])
        except _Refused:
            return driving.no_way(a, b)

    def _route_part(self, points: Sequence[LonLat]) -> Line:
        ask = {"overview": "full", "geometries": "geojson", "annotations": "duration"}
        # Each leg on its own, as in the table: a van that has stopped may turn round.
        ask |= {"continue_straight": "false", "generate_hints": "false"}
        answer = self._ask("route", points, ask, Routes)
        if any(at.distance > SNAP_LIMIT_M for at in answer.waypoints):
            raise _Refused("OffRoad")
        route = answer.routes[0]
        return driving.road_line(
            route.geometry.coordinates,
            [(leg.duration, leg.distance, leg.annotation.duration) for leg in route.legs],
        )

    def _match(self, points: Sequence[LonLat], times_s: Sequence[int], accuracy_m: float) -> Matched:
        if len(points) < 2:
            return Matched(tuple(self.nearest(point).point for point in points), "road")
        ask = {
            "timestamps": ";".join(str(t) for t in times_s),
            "radiuses": ";".join([f"{accuracy_m:g}"] * len(points)),
            # Where a silence breaks a track is for the asker to say.
            "gaps": "ignore",
            "overview": "full",
            "geometries": "geojson",
            "annotations": "distance",
            "generate_hints": "false",
        }
        try:
            answer = self._ask("match", points, ask, Traces)
        except _Refused:
            return Matched((None,) * len(points), "road")
        placed = tuple(at.location if at else None for at in answer.tracepoints)
        return Matched(placed, "road", tuple(_legs_of(answer)))

    def _ask(
        self, service: str, points: Sequence[LonLat], ask: dict[str, str], answer: type[Answer]
    ) -> Answer:
        """Put one question.

        Raises
        ------
        _NoRoads : nobody answers, or not as OSRM does.
        _Refused : OSRM says no.
        """
        if not self._url or time.monotonic() < self._down_until:
            raise _NoRoads
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in points)
        try:
            said = self._get(f"{self._url}/{service}/v1/driving/{places}", ask)
            if said.status_code == httpx2.codes.BAD_REQUEST:
                raise _Refused(msgspec.json.decode(said.content, type=Refusal).code)
            said.raise_for_status()
            return msgspec.json.decode(said.content, type=answer)
        except (httpx2.HTTPError, msgspec.DecodeError) as error:
            # Not asked again at once: a day's plan asks hundreds of times.
            self._down_until = time.monotonic() + _AFTER_FAILURE_S
            log.warning("roads.down", url=self._url, service=service, why=repr(error))
            raise _NoRoads from error

    def _get(self, url: str, ask: dict[str, str]) -> httpx2.Response:
        """The answer; asked again where the server ended a kept connection just as it was used.

        OSRM ends one after some hundred answers: that is no server that is down (RFC 9112, 9.3.1).
        """
        try:
            return self._http.get(url, params=ask)
        except httpx2.RemoteProtocolError:
            return self._http.get(url, params=ask)


class _NoRoads(Exception):
    """No server, or none that answers: the caller estimates instead."""


class _Refused(Exception):
    """The server answers, but not to this question."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _rounded(rows: list[list[float | None]]) -> list[list[int]]:
    return [[UNREACHABLE if value is None else round(value) for value in row] for row in rows]


def _legs_of(answer: Traces) -> Iterator[MatchedLeg]:
    """The legs of all traces, each between the fixes that it joins."""
    fix_of = {
        (at.matchings_index, at.waypoint_index): n
        for n, at in enumerate(answer.tracepoints)
        if at is not None
    }
    for number, trace in enumerate(answer.matchings):
        shape, first = trace.geometry.coordinates, 0
        for n, leg in enumerate(trace.legs):
            steps = leg.annotation.distance
            points = tuple(shape[first : first + len(steps) + 1])
            first += len(steps)
            yield MatchedLeg(fix_of[number, n], fix_of[number, n + 1], points, sum(steps))
