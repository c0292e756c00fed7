"""Invariant 6, proved on a served product: all that a guest gets while a van visits elders is read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Response, WebSocket, expect

from fleet import tables
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.geo import LonLat, bearing_deg, destination, haversine_m
from fleet.units import ms_of
from maps import share_store
from maps.guests import Guests
from maps.redact import cell_of, is_private, told
from maps.scope import Scope
from maps.share_store import NewShare, Share
from maps.showing import telling
from tests.maps.leaks import Dwell, Frame, Protected, Recording, found_in, frames_of
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add, add_fixes, point, seed
from tests.replay.serving import chromium, context_on, screens, serving

DELAY_S = 60
RATE = 120.0
FIRST, SECOND = (LON + 0.0213, LAT + 0.0107), (LON + 0.0424, LAT - 0.0071)
START = (LON - 0.02, LAT)
BETWEEN = (LON + 0.033, LAT + 0.0305)
NUMBERS_FROM = 7_351_000
SPEED_MPS = 9.0
NAMES = ("欧阳慧兰", "司马德昌", "尉迟家属")


@dataclass(frozen=True, slots=True)
class Track:
    """Seconds of the morning and places; when the van stood at which door."""

    fixes: Sequence[tuple[float, LonLat]]
    stood: Sequence[tuple[float, float]]

    def near(self) -> list[tuple[float, float]]:
        """When the van came into private cells and left them."""
        spans, inside = [], None
        for t, at in self.fixes:
            private = is_private(cell_of(at), (FIRST, SECOND))
            if private and inside is None:
                inside = t
            elif not private and inside is not None:
                spans.append((inside, t))
                inside = None
        return spans


def driven() -> Track:
    """A morning: to a door, 7 min 34 s there, on to another, 5 min 17 s there, and away."""
    t, at = -600.0, START
    fixes, stood = [(t, at)], []

    def stay(seconds: float) -> None:
        nonlocal t
        for _ in range(round(seconds / 2)):
            t += 2
            fixes.append((t, at))

    def drive(to: LonLat) -> None:
        nonlocal t, at
        while haversine_m(at, to) > 2 * SPEED_MPS:
            at = destination(at, bearing_deg(at, to), 2 * SPEED_MPS)
            t += 2
            fixes.append((t, at))
        at = to

    stay(660)
    for door, seconds in ((FIRST, 454), (SECOND, 317)):
        drive(door)
        stood.append((t, t + seconds))
        stay(seconds)
        drive(BETWEEN)
        stay(700)
    return Track(fixes, stood)


def people(conn: sa.Connection) -> tuple[Seeded, Protected]:
    """The district, with numbers that stand for nothing else, and what is to be protected of it."""
    for table in ("site", "recipient", "visit", "sos", "plan_stop", "cadence"):
        conn.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN id RESTART WITH {NUMBERS_FROM}')
    here = seed(conn)
    conn.execute(sa.update(tables.recipient).values(name=NAMES[2]))
    site, recipient = tables.site.c, tables.recipient.c
    conn.execute(
        sa.update(tables.site).where(site.kind == "home").values(geom=point(*FIRST), name="幸福里三号楼")
    )
    second = add(
        conn, tables.site, district_id=here.district_id, code="HOME-7Q", kind="home", name="Garden Lane 12B",
        geom=point(*SECOND),
    )  # fmt: skip
    elder = add(
        conn, tables.recipient, district_id=here.district_id, code="ELDER-9Z", name=NAMES[0], birth_year=1937,
        home_id=second,
    )  # fmt: skip
    conn.execute(sa.update(tables.recipient).where(recipient.id == here.recipients[0]).values(name=NAMES[1]))
    add(
        conn, tables.visit, district_id=here.district_id, recipient_id=elder, channel="visit", service_s=1200,
        began=MORNING, standing="verified", outcome="served", source="seed",
    )  # fmt: skip
    add(
        conn, tables.sos, district_id=here.district_id, source="dispatcher", source_key="k",
        recipient_id=elder, place="Garden Lane 12B", geom=point(*SECOND), state="called", called_at=MORNING,
    )  # fmt: skip
    homes = [each for each in conn.execute(sa.select(site.id).where(site.kind == "home")).scalars()]
    ids = [
        *homes, *conn.execute(sa.select(recipient.id)).scalars(),
        *(n for name in ("visit", "sos", "plan_stop", "cadence")
          for n in conn.execute(sa.select(tables.metadata.tables[name].c.id)).scalars()),
    ]  # fmt: skip
    words = [*NAMES, "欧*兰", "司*昌", "幸福里三号楼", "Garden Lane 12B", "HOME-7Q", "ELDER-9Z"]
    return here, Protected((FIRST, SECOND), words, sorted(set(ids)), ())


def dwells(track: Track, van_id: int) -> list[Dwell]:
    """Both what the van stood at doors and what it was in private cells."""
    start = ms_of(MORNING)
    return [
        Dwell(van_id, start + round(came * 1000), start + round(went * 1000))
        for came, went in (*track.stood, *track.near())
    ]


class Listener:
    """Keeps all that a browser's window gets."""

    def __init__(self, window: BrowserContext, clock: Clock) -> None:
        self._clock = clock
        self._responses: list[Response] = []
        self._texts: list[tuple[str, bytes]] = []
        self._told: list[tuple[float, str | bytes]] = []
        self._sockets: list[list[tuple[float, str | bytes]]] = []
        window.on("response", lambda response: self._responses.append(response))
        window.on("page", lambda page: page.on("websocket", self._listen))

    def _listen(self, socket: WebSocket) -> None:
        own: list[tuple[float, str | bytes]] = []
        self._sockets.append(own)
        socket.on("framereceived", lambda payload: self._hear(payload, own))

    def _hear(self, payload: str | bytes, own: list[tuple[float, str | bytes]]) -> None:
        heard = self._clock.at(time.time()) - timedelta(seconds=DELAY_S)
        for kept in (self._told, own):
            kept.append((ms_of(heard), payload))

    def vans(self) -> list[set[int]]:
        """Which vans each of the page's sockets told of, in the order in which they were opened."""
        return [{row[0] for frame in frames_of(told) for row in frame.vans} for told in self._sockets]

    def keep(self) -> None:
        """Read out what has come so far: once a page is left, Chromium forgets what it was."""
        for response in self._responses:
            self._texts.append((f"headers of {response.url}", json.dumps(response.all_headers()).encode()))
            if not 300 <= response.status < 400:
                self._texts.append((response.url, response.body()))
        self._responses.clear()

    def recording(self) -> Recording:
        """All of it, read out while the window is still open."""
        self.keep()
        made = Recording(self._texts)
        for _, payload in self._told:
            made.texts.append(("socket", payload if isinstance(payload, bytes) else payload.encode()))
        made.frames = frames_of(self._told)
        return made


def leaky(track: Track, van_id: int, *, cells: bool) -> Recording:
    """What a careless map would tell: each place as it is, or near homes its cell, but to the second."""
    frames = []
    for t, at in track.fixes:
        cell = cell_of(at)
        shown = told(cell if cells and is_private(cell, (FIRST, SECOND)) else at)
        ms = ms_of(MORNING) + round(t * 1000)
        frames.append(Frame(ms, ms, [[van_id, *shown, False, False]]))
    return Recording([], frames)


def link(context: Context, here: Seeded) -> str:
    ends = wall_now() + timedelta(hours=1)
    wanted = NewShare(here.district_id, "车辆", Scope(DELAY_S), here.account_id, ends)
    with context.engine.begin() as conn:
        return share_store.create(conn, wanted, wall_now())[1]


def edit(context: Context, here: Seeded, title: str, scope: Scope) -> Share:
    """Change the district's one link, as a dispatcher does."""
    now = wall_now()
    wanted = NewShare(here.district_id, title, scope, here.account_id, now + timedelta(hours=1))
    with context.engine.begin() as conn:
        (share,) = share_store.list_of(conn, here.district_id)
        share_store.change(conn, share_store.of(conn, here.district_id, share.id, now), wanted)
        return share_store.list_of(conn, here.district_id)[0]


@contextmanager
def opened(context: Context, here: Seeded, clock: Clock) -> Iterator[tuple[BrowserContext, Page, Listener]]:
    """A guest's browser with the district's map open, and what it is told."""
    app = screens(context)
    app.state.guests = Guests(context, every_s=0.05)
    with serving(app) as url, chromium() as browser:
        window = browser.new_context(locale="zh-CN")
        heard = Listener(window, clock)
        page = window.new_page()
        page.goto(f"{url}/s/{link(context, here)}")
        yield window, page, heard
        window.close()


@pytest.mark.browser
def test_a_link_that_is_edited_while_it_is_open_tells_nothing_but_what_it_is_for(
    database: str, tmp_path: Path
) -> None:
    track = driven()
    clock = Clock.opening(MORNING + timedelta(seconds=DELAY_S), RATE)
    with context_on(database, clock, tmp_path) as context:
        with context.engine.begin() as conn:
            here, protected = people(conn)
            first, second = here.vans
            for van, terminal, late_s in zip(here.vans, here.terminals, (0, 300), strict=True):
                fixes = [(MORNING + timedelta(seconds=t + late_s - 300), *at) for t, at in track.fixes]
                add_fixes(conn, van, terminal, fixes)
        with opened(context, here, clock) as (_, page, heard):
            page.wait_for_function("() => CareVan.standing().length === 2")
            for title, scope in (
                ("只看二号车", Scope(30, (second,))),
                ("晚五分钟", Scope(300, (first,))),
                ("都看", Scope(120)),
            ):
                page.wait_for_load_state("networkidle")
                heard.keep()
                edit(context, here, title, scope)
                expect(page.locator("h1")).to_have_text(title)
                n = len(scope.vans or here.vans)
                page.wait_for_function("n => CareVan.standing().length === n", arg=n)
            recording, vans = heard.recording(), heard.vans()
        # Whoever opens it the day after, when it was made one of a day that is over, is told as little.
        over = edit(context, here, "昨天", Scope(60, day=DAY))
        later = replace(context, clock=Clock.opening(MORNING + timedelta(days=1)))
        messages = telling(later, over).messages

    assert vans == [{first, second}, {second}, {first}, {first, second}]
    assert {van for van, _ in json.loads(messages[1])["part"]} == {first, second}
    recording.texts += [("a day that is over", message) for message in messages]
    assert found_in(recording, protected) == []
    planted = b'{"part":[[%d,[[9,%d,%d,0]]]]}' % (first, FIRST[0] * 1e5 + 30, FIRST[1] * 1e5 + 30)
    assert found_in(Recording([("planted", planted)]), protected)


@pytest.mark.browser
def test_nothing_that_a_guest_gets_tells_who_lives_where_or_how_long_a_van_stood(
    database: str, tmp_path: Path
) -> None:
    track = driven()
    clock = Clock.opening(MORNING + timedelta(seconds=DELAY_S), RATE)
    with context_on(database, clock, tmp_path) as context:
        with context.engine.begin() as conn:
            here, protected = people(conn)
            van_id = here.vans[0]
            fixes = [(MORNING + timedelta(seconds=t), *at) for t, at in track.fixes]
            add_fixes(conn, van_id, here.terminals[0], fixes)
        protected = replace(protected, dwells=dwells(track, van_id))
        over = (MORNING + timedelta(seconds=track.fixes[-1][0], hours=8)).strftime("%H:%M")
        with opened(context, here, clock) as (window, page, heard):
            page.wait_for_function("() => CareVan.standing().length === 1")
            page.wait_for_function(
                "over => document.getElementById('clock').textContent >= over", arg=over, timeout=120_000
            )
            recording = heard.recording()
            recording.texts.append(("the page at the end", page.content().encode()))
            recording.texts.append(("what it kept", json.dumps(window.storage_state()).encode()))

    # The van was seen, at both ends of each visit, moving and held.
    assert len(recording.frames) > 100
    assert {row[4] for frame in recording.frames for row in frame.vans} == {False, True}
    assert len({tuple(row[1:3]) for frame in recording.frames for row in frame.vans}) > 50
    assert any(where.endswith("/shared") for where, _ in recording.texts)
    assert found_in(recording, protected) == []

    # What was planted is found: the reading above could have failed.
    for planted in (
        NAMES[0], json.dumps(NAMES[0]), quote(NAMES[0]), "ELDER-9Z", str(protected.ids[0]),
        json.dumps({"lat": FIRST[1] + 0.0003, "lng": FIRST[0]}),
        f"[{round(SECOND[0], 4)}, {round(SECOND[1], 4)}]",
        f"{SECOND[0] * 1e6:.0f},{SECOND[1] * 1e6:.0f}",
    ):  # fmt: skip
        spoilt = Recording([*recording.texts, ("planted", planted.encode())], recording.frames)
        assert [each for each in found_in(spoilt, protected) if each.startswith("planted")], planted
    half = len(protected.dwells) // 2
    for cells, spans in ((False, protected.dwells[:half]), (True, protected.dwells[half:])):
        for dwell in spans:
            assert found_in(leaky(track, van_id, cells=cells), replace(protected, dwells=[dwell])), dwell
