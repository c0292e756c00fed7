"""A day played again in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fleet import sos_store
from fleet.clock import Clock
from fleet.session import COOKIE
from fleet.sos_webhook import Call
from replay.playback import Track, delta_encode, position_at
from tests.replay.seeding import DAY, LAT, LON, MORNING, add_fixes, seed
from tests.replay.serving import chromium, context_on, log_in, screens, serving


@pytest.mark.browser
def test_a_day_is_played_again(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING + timedelta(hours=2)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            drive = [(MORNING + timedelta(seconds=10 * n), LON + n / 1e4, LAT) for n in range(60)]
            after = MORNING + timedelta(minutes=30)
            drive += [(after + timedelta(seconds=10 * n), LON + 0.006, LAT + n / 1e4) for n in range(60)]
            add_fixes(conn, here.vans[0], here.terminals[0], drive)
            call = Call("k", None, "滨河社区", LON, LAT)
            sos_store.create(conn, here.district_id, "account:1", call, MORNING + timedelta(minutes=1))
        session = log_in(context.engine, here.account_id, here.district_id, "viewer")
        with serving(screens(context)) as url, chromium() as browser:
            window = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
            window.add_cookies([{"name": COOKIE, "value": session, "url": url}])
            page = window.new_page()
            page.goto(f"{url}/replay")
            assert page.input_value("#day") == str(DAY)
            expect(page.locator("#head")).to_have_text("08:30:00")
            page.wait_for_function("() => CareVan.standing().length === 1")
            expect(page.locator(".tl-sos")).to_have_count(1)
            page.click("[data-speed='60']")
            page.click("#play")
            expect(page.locator("#caption")).to_contain_text("SOS 滨河社区", timeout=20_000)
            page.click("#play")
            paused = page.inner_text("#head")
            assert "08:31" <= paused < "08:40"
            page.keyboard.press("PageDown")
            page.wait_for_function(
                "() => CareVan.standing().filter((van) => van.tone === 'stale').length === 1"
            )
            page.select_option("#van", str(here.vans[1]))
            expect(page.locator("#note")).to_contain_text(f"如 {DAY}")
            page.goto(f"{url}/replay?day=2026-07-01&van={here.vans[0]}")
            expect(page.locator("#note")).to_contain_text(f"如 {DAY}")
            window.close()


MIRROR = """async ([van, times]) => {
  const { Track } = await import("/static/replay/track.js");
  const track = new Track(van);
  return times.map((ms) => track.at(ms));
}"""

PLAYER = """async () => {
  const { Player } = await import("/static/replay/player.js");
  const player = new Player(0, 100000);
  player.atSpeed(60, 0);
  player.play(1000);
  const heads = [1000, 1500].map((wall) => player.head(wall));
  player.atSpeed(600, 1500);
  player.seek(99000, 1500);
  heads.push(player.head(1500), player.head(9000));
  player.play(9000);
  heads.push(player.head(9000));
  player.pause(9100);
  heads.push(player.head(20000));
  return heads;
}"""


@pytest.mark.browser
def test_the_page_plays_as_playback_does(database: str, tmp_path: Path) -> None:
    t_ms = (1_784_680_200_000, 1_784_680_210_000, 1_784_680_310_000, 1_784_681_310_000)
    track = Track(t_ms, ((115.98, 36.45), (115.981, 36.45), (115.981, 36.452), (115.99, 36.46)))
    van = {
        "t": delta_encode(t_ms),
        "lon_e6": delta_encode([round(lon * 1e6) for lon, _ in track.points]),
        "lat_e6": delta_encode([round(lat * 1e6) for _, lat in track.points]),
    }
    times = [t_ms[0] + 7_000 * n for n in range(-2, 170)]
    with (
        context_on(database, Clock.opening(MORNING), tmp_path) as context,
        serving(screens(context)) as url,
        chromium() as browser,
    ):
        page = browser.new_page()
        page.goto(f"{url}/terminal")
        seen = page.evaluate(MIRROR, [van, times])
        assert page.evaluate(PLAYER) == [0, 30_000, 99_000, 100_000, 0, 6_000]
    for ms, there in zip(times, seen, strict=True):
        here = position_at(track, ms)
        assert here is not None
        assert (there["lon"], there["lat"]) == pytest.approx(here.point)
        assert there["standing"] == here.standing
        assert there["heading"] == (
            None if here.heading_deg is None else pytest.approx(here.heading_deg, abs=0.1)
        )
