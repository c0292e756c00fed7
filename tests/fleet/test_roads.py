"""The one client of OSRM, with a server and without."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from fleet import geo, osrm
from fleet.geo import LonLat
from fleet.osrm_messages import Table
from fleet.roads import Roads

# A block of streets, one of them one-way, and an island that no road joins to them.
GRID = 6


def _town() -> str:
    parts = ["<?xml version='1.0'?><osm version='0.6'>"]
    step = 0.003
    at = {
        (i, j): (115.98 + i * step, 36.45 + j * step, 1 + i * GRID + j)
        for i in range(GRID)
        for j in range(GRID)
    }
    at[99, 0], at[99, 1] = (116.2, 36.45, 900), (116.203, 36.45, 901)
    parts += [f"<node id='{n}' version='1' lat='{lat}' lon='{lon}'/>" for lon, lat, n in at.values()]
    ways = [[(i, j) for i in range(GRID)] for j in range(GRID)] + [
        [(i, j) for j in range(GRID)] for i in range(GRID)
    ]
    for n, way in enumerate([*ways, [(99, 0), (99, 1)]]):
        refs = "".join(f"<nd ref='{at[key][2]}'/>" for key in way)
        one_way = "<tag k='oneway' v='yes'/>" if n == 0 else ""
        parts.append(
            f"<way id='{n + 1}' version='1'>{refs}<tag k='highway' v='residential'/>"
            f"<tag k='name' v='路{n}'/>{one_way}</way>"
        )
    return "".join(parts) + "</osm>"


@pytest.fixture(scope="module")
def url(road_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("town") / "town.osm"
    path.write_text(_town())
    osrm.build(road_home, path)
    with osrm.Router(road_home) as router:
        yield router.url


@pytest.fixture
def roads(url: str) -> Iterator[Roads]:
    client = Roads(url)
    yield client
    client.close()


@pytest.fixture
def no_roads() -> Iterator[Roads]:
    client = Roads("")
    yield client
    client.close()


CORNERS = [(115.98 + i * 0.003, 36.45 + j * 0.003) for i, j in itertools.product(range(GRID), range(GRID))]
ISLAND = (116.2015, 36.45)


def test_a_table_by_road(roads: Roads) -> None:
    table = roads.table(CORNERS)
    assert table.basis == "road"
    assert table.seconds.dtype == np.int32
    straight = np.array([[geo.haversine_m(a, b) for b in CORNERS] for a in CORNERS])
    assert (table.metres >= straight - 10).all()
    assert not table.seconds.diagonal().any()
    assert (table.seconds != table.seconds.T).any(), "a one-way street makes ways back longer"


def test_blocks_make_the_same_table(roads: Roads, url: str) -> None:
    whole = roads.table(CORNERS)
    in_blocks = Roads(url, block=7)
    parts = in_blocks.table(CORNERS)
    in_blocks.close()
    assert (parts.seconds == whole.seconds).all()
    assert (parts.metres == whole.metres).all()


class Counted(Roads):
    """Counts the pairs of each question for a table."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: list[int] = []

    def _ask_block(self, points: Sequence[LonLat], rows: list[int], columns: list[int]) -> Table:
        self.asked.append(len(rows) * len(columns))
        return super()._ask_block(points, rows, columns)


def test_what_is_known_of_a_table_is_not_asked_again(url: str) -> None:
    """Old places and new ones among them come to the same as asked whole, with fewer questions."""
    rng = np.random.default_rng(4)
    places = [(115.98 + x, 36.45 + y) for x, y in rng.uniform(0, 0.015, (80, 2)).tolist()]
    places[7] = (116.9, 36.9)  # no road near
    client, other = Counted(url), Roads(url)
    asked = client.asked
    try:
        client.table(places[:70])
        assert asked == [70 * 70]
        client.table(list(reversed(places[:70])))
        assert asked == [70 * 70]
        mixed = [*places[75:78], *places[:70]]
        again, whole = client.table(mixed), other.table(mixed)
        assert asked == [70 * 70, 3 * 73, 70 * 3]
        assert np.array_equal(again.seconds, whole.seconds)
        assert np.array_equal(again.metres, whole.metres)
        assert (again.seconds[3 + 7] >= 0).sum() == 1, "off the roads, known or not"
        client._down_until = float("inf")
        assert client.table(places[:70]).basis == "road"
        assert client.table(mixed).basis == "great-circle"
    finally:
        client.close()
        other.close()


def test_places_without_a_way_are_said_not_guessed(roads: Roads) -> None:
    sea = (117.5, 36.45)
    table = roads.table([CORNERS[0], ISLAND, sea, CORNERS[-1]])
    assert table.basis == "road"
    assert (table.seconds[0, 1], table.metres[0, 1]) == (-1, -1)
    assert (table.seconds[2, [0, 1, 3]] == -1).all()
    assert (table.metres[[0, 1, 3], 2] == -1).all()
    assert table.seconds[0, 3] > 0
    assert not table.seconds.diagonal().any()


def test_tables_of_one_and_of_none(roads: Roads, no_roads: Roads) -> None:
    for client in (roads, no_roads):
        assert client.table([]).seconds.shape == (0, 0)
        assert client.table([CORNERS[0]]).seconds.tolist() == [[0]]


def test_a_route_agrees_with_the_table_and_keeps_to_the_streets(roads: Roads) -> None:
    stops = [CORNERS[0], CORNERS[8], CORNERS[8], CORNERS[35], CORNERS[3]]
    line, table = roads.route(stops), roads.table(stops)
    assert line.basis == "road"
    for n, leg in enumerate(line.legs):
        assert leg.seconds == pytest.approx(table.seconds[n, n + 1], abs=1)
        assert leg.metres == pytest.approx(table.metres[n, n + 1], abs=1)
        assert geo.haversine_m(line.points[leg.first], stops[n]) < 5
        assert geo.path_length_m(line.part(leg)) == pytest.approx(leg.metres, rel=0.01, abs=2)
    assert len(line.offsets_s) == len(line.points)
    assert list(line.offsets_s) == sorted(line.offsets_s)
    assert line.offsets_s[-1] == pytest.approx(line.seconds, abs=len(line.legs))


def test_a_long_route_is_asked_in_parts(roads: Roads) -> None:
    stops = [CORNERS[n % len(CORNERS)] for n in range(230)]
    line = roads.route(stops)
    assert len(line.legs) == 229
    assert line.seconds > 0


def test_a_leg_without_a_way_is_straight_and_the_others_stay(roads: Roads) -> None:
    line = roads.route([CORNERS[0], CORNERS[5], ISLAND])
    assert line.legs[0].seconds > 0
    assert (line.legs[1].seconds, line.seconds, line.metres) == (-1, -1, -1)
    assert line.part(line.legs[1]) == (CORNERS[5], ISLAND)
    with pytest.raises(ValueError, match="two points"):
        roads.route([ISLAND])


def test_nearest_and_match_move_onto_the_street(roads: Roads) -> None:
    beside = geo.destination((115.9815, 36.453), 0, 20)
    near = roads.nearest(beside)
    assert near.distance_m == pytest.approx(20, abs=1)
    assert (near.road, near.basis) == ("路1", "road")
    track = [geo.destination((115.981 + 0.0004 * n, 36.453), 0, 6) for n in range(25)]
    matched = roads.match(track, [1_700_000_000 + 5 * n for n in range(25)], accuracy_m=10)
    assert matched.basis == "road"
    on_street = [p for p in matched.points if p is not None]
    assert len(on_street) > 20
    assert max(abs(lat - 36.453) for _, lat in on_street) < 1e-5
    for leg in matched.legs:
        ends = (matched.points[leg.first], matched.points[leg.last])
        assert all(
            end is not None and geo.haversine_m(end, p) < 1
            for end, p in zip(ends, (leg.points[0], leg.points[-1]), strict=True)
        )
        assert geo.path_length_m(leg.points) == pytest.approx(leg.metres, rel=0.01, abs=1)
    assert sum(leg.metres for leg in matched.legs) == pytest.approx(0.0004 * 24 * 89_450, rel=0.03)


def test_without_roads_every_answer_says_so(no_roads: Roads) -> None:
    here, there = CORNERS[0], CORNERS[7]
    assert no_roads.table([here, there]).basis == "great-circle"
    line = no_roads.route([here, there])
    assert (line.basis, line.points) == ("great-circle", (here, there))
    assert line.metres == pytest.approx(1.35 * geo.haversine_m(here, there), abs=1)
    assert (no_roads.nearest(here).point, no_roads.nearest(here).basis) == (here, "great-circle")
    matched = no_roads.match([here, there], [0, 9])
    assert (matched.points, matched.basis) == ((here, there), "great-circle")


def test_a_server_that_is_down_or_strange_gives_estimates() -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:
        thread = threading.Thread(target=_answer_nonsense, args=(strange,))
        thread.start()
        address = f"http://127.0.0.1:{strange.getsockname()[1]}"
        client = Roads(address)
        assert client.table(CORNERS[:3]).basis == "great-circle"
        thread.join()
        assert client.route(CORNERS[:3]).basis == "great-circle", "not asked again at once"
        client.close()
    gone = Roads(address)
    assert gone.nearest(CORNERS[0]).basis == "great-circle"
    gone.close()


def _answer_nonsense(server: socket.socket) -> None:
    peer, _ = server.accept()
    with peer:
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")


def test_a_kept_connection_that_ends_is_no_server_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_end_kept_connections, args=(server, 3))
        thread.start()
        client = Roads(f"http://127.0.0.1:{server.getsockname()[1]}")
        try:
            bases = [client.nearest((116.0, 36.4)).basis for _ in range(3)]
        finally:
            client.close()
            thread.join()
    assert bases == ["road"] * 3


def _end_kept_connections(server: socket.socket, connections: int) -> None:
    """Answer once on each connection, say nothing of ending it, and end it at the next question."""
    body = b'{"code": "Ok", "waypoints": [{"location": [116.0, 36.4], "distance": 1.0, "name": ""}]}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    server.settimeout(5)
    for _ in range(connections):
        try:
            taken, _ = server.accept()
        except TimeoutError:
            return
        with taken:
            taken.recv(65536)
            taken.sendall(head.encode() + body)
            taken.recv(65536)
