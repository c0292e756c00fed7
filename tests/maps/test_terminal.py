"""The van's own screen in a real browser: pairing, taps, and a tap made without network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import outbox, tables, terminals
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.units import ms_of
from maps.terminal import shell_version
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, seed
from tests.replay.serving import chromium, context_on, screens, serving


def plan_body(here: Seeded) -> dict[str, object]:
    """A plan of one stop, as the planner puts it into the outbox."""
    start = ms_of(MORNING)
    stop = {
        **{"id": here.visit_stop, "seq": 1, "kind": "visit", "name": "第二小区"},
        **{"lon": LON + 0.02, "lat": LAT + 0.01, "window": None, "items": {"soup": 2}},
        **{"arrives": start + 600_000, "begins": start + 600_000, "leaves": start + 1_800_000},
        **{"who": "刘*珍", "sugar_free": True, "recipient": here.recipients[0], "beat": None},
    }
    return {
        **{"id": here.plan_id, "day": str(DAY), "version": 1, "stops": [stop], "basis": "road"},
        "shift": {"starts": start, "ends": start + 8 * 3600_000},
        "route": [[LON, LAT], [LON + 0.02, LAT + 0.01]],
        "items": {"soup": {"name": "绿豆汤", "name_en": "Mung-bean soup", "container": "hot"}},
    }


def tapped(context: Context) -> list[str]:
    """Kinds of the stored events, as they were tapped."""
    event = tables.event
    with context.engine.connect() as conn:
        return list(conn.scalars(sa.select(event.c.kind).order_by(event.c.t)))


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    """A context on a fresh database, on a morning."""
    with context_on(database, Clock.opening(MORNING), tmp_path) as made:
        yield made


# What a gloved finger misses, and what does not stand whole in its place.
NARROW = """() => {
  const shown = (all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility());
  const box = (one) => one.getBoundingClientRect();
  const small = shown("button").filter((one) => box(one).width < 48 || box(one).height < 48);
  const card = box(document.getElementById("card"));
  const out = shown("#card *").filter((one) => {
    const { left, right, top, bottom } = box(one);
    return left < card.left || right > card.right || top < card.top || bottom > card.bottom;
  });
  const figures = shown("#card .figures").filter((one) => one.scrollWidth > one.clientWidth + 1
    || one.scrollHeight > one.clientHeight + 1);
  const wide = document.body.scrollWidth > innerWidth ? [document.body] : [];
  return [...small, ...out, ...figures, ...wide].map((one) => one.id || one.className || one.tagName);
}"""


# Whether the map, which is painted for the day, is darkened: by night, then by day.
DARKENED = """() => ["dark", "light"].map((theme) => {
  document.documentElement.dataset.theme = theme;
  return getComputedStyle(document.querySelector("#map-box .leaflet-container")).filter !== "none";
})"""


@pytest.mark.browser
def test_a_day_on_the_vans_screen(context: Context) -> None:
    with context.engine.begin() as conn:
        here = seed(conn)
        outbox.put(conn, here.vans[0], "plan", plan_body(here), MORNING)
        code = terminals.pairing_code(conn, here.terminals[0], wall_now())
    with serving(screens(context)) as url, chromium() as browser:
        window = browser.new_context(
            locale="zh-CN",
            viewport={"width": 1024, "height": 768},
            permissions=["geolocation"],
            geolocation={"longitude": LON, "latitude": LAT},
        )
        page = window.new_page()
        page.goto(f"{url}/terminal")
        for digit in code:
            page.click(f"[data-key='{digit}']")
        expect(page.locator("#name")).to_have_text("第二小区")
        expect(page.locator("#who")).to_have_text("刘*珍 · 无糖")
        expect(page.locator("#distance")).to_have_text("2.1 km")
        page.click("#moment")
        expect(page.locator("#moment")).to_have_text("到达")

        with context.engine.begin() as conn:
            task = {"id": "sos:12", "kind": "sos", "place": "滨河社区", "who": "张*", "lon": LON, "lat": LAT}
            outbox.put(
                conn, here.vans[0], "task", {**task, "eta_s": 240, "called_at": ms_of(MORNING)}, MORNING
            )
        page.click("#sos-accept")
        expect(page.locator("#name")).to_have_text("滨河社区")
        with context.engine.begin() as conn:
            outbox.put(conn, here.vans[0], "withdraw", {"task": "sos:12"}, MORNING)
        expect(page.locator("#sos")).to_be_hidden()

        at = ms_of(MORNING)
        with context.engine.begin() as conn:
            for text, when in (("昨天的话", at - 86_400_000), ("先去食堂", at), ("注意高温", at)):
                outbox.put(conn, here.vans[0], "say", {"text": text, "at": when}, MORNING)
        expect(page.locator("#note-text")).to_have_text("注意高温")
        expect(page.locator("#note-when")).to_have_text("调度室 08:30 · 另有 1 条")
        page.click("#note-read")
        expect(page.locator("#note-text")).to_have_text("先去食堂")
        expect(page.locator("#note-when")).to_have_text("调度室 08:30")

        for width, height in ((1024, 768), (800, 1280), (360, 640), (844, 390)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(NARROW) == [], (width, height)
        page.set_viewport_size({"width": 1024, "height": 768})
        assert page.evaluate(DARKENED) == [True, False]

        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        expect(page.locator("#sync")).to_have_attribute("data-tone", "live")
        # What was not tapped away stands after a reload.
        expect(page.locator("#note-text")).to_have_text("先去食堂")
        page.click("#note-read")
        expect(page.locator("#note")).to_be_hidden()
        window.set_offline(True)
        page.click("#moment")
        expect(page.locator("#moment")).to_have_text("开始")
        page.reload()
        expect(page.locator("#name")).to_have_text("第二小区")
        expect(page.locator("#moment")).to_have_text("开始")
        expect(page.locator("#sync-unsent")).to_contain_text("待发")
        assert "arrived" not in tapped(context)
        window.set_offline(False)
        expect(page.locator("#sync-unsent")).to_have_text("", timeout=20_000)
        assert tapped(context) == ["departed", "accepted", "arrived"]
        with context.engine.connect() as conn:
            assert conn.scalar(sa.select(sa.func.count()).select_from(tables.fix)) or 0 > 0
            seen = conn.execute(sa.select(tables.terminal_seen.c.plan, tables.terminal_seen.c.seq)).one()
        assert tuple(seen) == (1, 6)
        window.close()


TILE = "/tiles/10/843/388.mvt"
KEEP_AN_OLD_TILE = f"""async () => {{
  await navigator.serviceWorker.ready;
  await (await caches.open("carevan-tiles")).put("{TILE}", new Response("old"));
}}"""
KEPT_TILE = f"""async () => (await (await caches.match("{TILE}"))?.text()) !== "old" """


@pytest.mark.browser
def test_a_tile_seen_before_is_shown_at_once_and_made_new(context: Context) -> None:
    with context.engine.begin() as conn:
        seed(conn)
    with serving(screens(context)) as url, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url}/terminal")
        page.evaluate(KEEP_AN_OLD_TILE)
        page.reload()
        assert page.evaluate(f"fetch('{TILE}').then(tile => tile.text())") == "old"
        page.wait_for_function(KEPT_TILE)
        assert page.evaluate(f"fetch('{TILE}').then(tile => tile.text())") != "old"


def test_the_shell_can_be_installed(context: Context) -> None:
    with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        manifest = json.loads(client.get("/terminal/manifest.webmanifest").text)
        assert (manifest["start_url"], manifest["display"]) == ("/terminal", "standalone")
        worker = client.get("/terminal/sw.js")
        assert worker.headers["service-worker-allowed"] == "/terminal"
        assert shell_version() in worker.text
        for name in ("app", "clock", "day", "food", "geo", "ids", "link", "pairing", "route", "sender"):
            assert client.get(f"/static/terminal/{name}.js").status_code == 200
        english = client.get("/terminal", headers={"Accept-Language": "en"}).text
        assert "Pair this screen with a van" in english


FOOD = """async () => {
  const { foodClock } = await import("/static/terminal/food.js");
  const minute = 60000;
  const read = (t, celsius) => ({ kind: "reading", container: "hot", t: t * minute, celsius });
  const taps = [read(0, 65), read(10, 50), read(70, 61), read(80, 30), { kind: "reload", t: 200 * minute }];
  const at = (minutes) => foodClock(taps, "hot", minutes * minute);
  return [5, 40, 75, 100, 139, 140, 201].map((minutes) => {
    const { celsius, left_ms, blocked, counting } = at(minutes);
    return [celsius, left_ms / minute, blocked, counting];
  });
}"""

DAY_OF_TAPS = """async () => {
  const day = await import("/static/terminal/day.js");
  const place = { lon: 116, lat: 36.4, name: "a" };
  const stop = (id, kind, more = {}) => ({ id, kind, ...place, name: `${kind}${id}`, ...more });
  const stops = [stop(1, "start"), stop(2, "visit"), stop(3, "pass"), stop(4, "break"), stop(5, "end")];
  const shift = { starts: 0, ends: 8 * 3600000 };
  let now = day.takePlan({ plan: null, taps: [], tasks: {} }, { day: "x", version: 1, stops, shift }, 0);
  const said = [];
  for (let next = day.nextStop(now), t = 0; next; next = day.nextStop(now), t += 60000) {
    const kind = day.momentOf(now, next);
    said.push(`${next.id}:${kind}`);
    now = day.takeTap(now, { kind, stop: next.id, key: day.keyOf(next), t });
  }
  const renumbered = stops.map((each) => ({ ...each, id: each.id + 50 }));
  const again = day.takePlan(now, { day: "x", version: 2, stops: renumbered, shift }, 0);
  const tomorrow = { day: "y", version: 1, stops, shift: { starts: 24 * 3600000, ends: 32 * 3600000 } };
  const both = day.takePlan(now, tomorrow, 0);
  const turned = day.turn(both, 9 * 3600000);
  const handed = { ...now, taps: [{ kind: "done", stop: 2, key: day.keyOf(stops[1]), t: 0 }] };
  const task = { id: "sos:1", place: "b", lon: 116, lat: 36.4, called_at: 0 };
  const called = day.takeTask(now, task);
  const accepted = day.takeTap(called, { kind: "accepted", task: "sos:1", t: 0 });
  return {
    said,
    left: day.stopsLeft(again),
    unseen: [day.unseen(now), ...[116, 116.01].map((lon) => day.passedBy(now, [lon, 36.4]).length)],
    minutes: day.claimedMinutes(now, 10 ** 9),
    task: [day.offeredTask(called)?.id, day.offeredTask(accepted), day.currentTask(accepted)?.id],
    days: [both.plan.day, both.taps.length, turned.plan.day, turned.taps.length].concat(
      Object.keys(turned.plans).join()),
    handed: day.nextStop(handed)?.id,
    gone: day.openTasks(day.withdrawTask(accepted, "sos:1")).length,
  };
}"""

SENDER = """async () => {
  const { Sender } = await import("/static/terminal/sender.js");
  let seed = 7;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const telling = new Sender([], () => 12345);
  telling.opened();
  telling.drawn({ plan: 7, seq: 1, state: 2 });
  const have = telling.next().have;
  const sender = new Sender();
  const arrived = new Set();
  const removed = new Set();
  let added = 0, way = [], most = 0, longest = 0;
  const receive = () => {
    const message = way.shift();
    if (!message) return;
    const items = message.event ? [message.event] : message.fixes || (message.fix ? [message.fix] : []);
    longest = Math.max(longest, items.length);
    for (const item of items) arrived.add(item.key);
    for (const key of sender.acknowledged(message.n)) removed.add(key);
  };
  for (let step = 0; step < 4000; step += 1) {
    const act = random(10);
    if (act < 4) {
      const key = added++;
      sender.add({ key, item: random(9) ? { fix: { key } } : { event: { key } } }, Boolean(random(2)));
    } else if (act === 4 && !random(20)) { sender.lost(); way = []; }
    else if (act === 5 && !sender.open) sender.opened();
    else if (act < 8) {
      const message = sender.next();
      if (message) way.push(message);
      most = Math.max(most, way.length);
    }
    else receive();
  }
  if (!sender.open) sender.opened();
  for (let message = sender.next(); message || way.length; message = sender.next()) {
    if (message) way.push(message);
    receive();
  }
  const lost = [...removed].filter((key) => !arrived.has(key)).length;
  const all = arrived.size === added && removed.size === added;
  return { all, lost, most, longest, pending: sender.pending, have };
}"""


@pytest.mark.browser
def test_the_screens_own_rules(context: Context) -> None:
    with serving(screens(context)) as url, chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url}/terminal")
        assert page.evaluate(FOOD) == [
            [65, 120, False, False],
            [50, 90, False, True],
            [61, 60, False, False],
            [30, 40, False, True],
            [30, 1, False, True],
            [30, 0, True, True],
            [None, 120, False, False],
        ]
        told = page.evaluate(DAY_OF_TAPS)
        assert told["said"] == [
            *("1:departed", "2:departed", "2:arrived", "2:started", "2:done"),
            *("4:departed", "4:arrived", "4:break", "4:done", "5:departed", "5:arrived"),
        ]
        # A new version of the plan has new numbers; what was done stays done, but a break is taken again.
        assert told["left"] == 1
        assert told["unseen"] == [1, 1, 0]
        assert told["minutes"] == 9
        assert told["task"] == ["sos:1", None, "sos:1"]
        assert told["gone"] == 0
        # A screen that takes over at noon goes on at the next stop, though nobody tapped the departure.
        assert told["handed"] == 4
        # Tomorrow's plan waits for its day, and then begins with no taps.
        taps = len(told["said"])
        assert told["days"] == ["x", taps, "y", 0, "y"]
        sent = page.evaluate(SENDER)
        assert (sent["all"], sent["lost"], sent["pending"]) == (True, 0, 0)
        assert (sent["most"] <= 4, sent["longest"] <= 50) == (True, True)
        assert sent["have"] == {"plan": 7, "seq": 1, "state": 2, "t": 12345}
