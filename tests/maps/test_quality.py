"""Every page in both languages and themes: axe-core, contrast, nothing untranslated, nothing foreign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page

from fleet import tables
from maps import pages
from maps.pages import THEME_COOKIE
from tests.maps import quality, staging
from tests.maps.product import Product, Watch
from tests.maps.staging import DAY, PASSWORD

# A page of each template; {plan}, {beat} and {van} are those of the stage.
PAGES = {
    "platform.html": "/",
    "plan.html": f"/plan?day={DAY}",
    "compare.html": "/plan/compare?plans={plan}",
    "charts.html": f"/charts?day={DAY}",
    "replay.html": f"/replay?day={DAY}",
    "day.html": f"/day/{DAY}",
    "van_day.html": "/vans/{van}/" + str(DAY),
    "alerts.html": "/alerts",
    "visits.html": "/visits",
    "season.html": "/season",
    "rules.html": "/rules",
    "providers.html": "/providers",
    "terminals.html": "/terminals",
    "shares.html": "/shares",
    "notice.html": "/beats/{beat}/board",
    "runsheet.html": "/plans/{plan}/runsheet",
    "error.html": "/vans/999999/" + str(DAY),
    "login.html": "/login",
    "terminal.html": "/terminal",
    "shared.html": "/shared",
    "share_door.html": "{locked}",
}
FRAMES = frozenset({"base.html", "parts.html", "document.html"})  # the last is a file's, never a page's
NAMES = ("王芳", "李建国", "刘淑珍", "刘*珍", "周敏", "周*", "mung")  # persons, and an item without a name
COMBINED = (("zh", "dark"), ("en", "light"))


Look = tuple[BrowserContext, str, str]


@pytest.fixture(scope="module", params=COMBINED, ids="-".join)
def look(request: pytest.FixtureRequest, shared: Product, chrome: Browser) -> Iterator[Look]:
    """A window in one language and theme, of somebody who may do everything and was given a link too."""
    language, theme = request.param
    with shared.context.engine.begin() as conn:
        staging.put_login(conn, shared.stage.district_id, f"root-{language}", "周敏", "administrator")
    window = chrome.new_context(
        locale={"zh": "zh-CN", "en": "en-GB"}[language], viewport={"width": 1920, "height": 1080}
    )
    window.add_cookies([{"name": THEME_COOKIE, "value": theme, "url": shared.address}])
    page = window.new_page()
    page.goto(f"{shared.address}/shares")
    page.fill("[name=login]", f"root-{language}")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    locked = make_link(page, shared, "correct horse")
    page.goto(make_link(page, shared))
    page.wait_for_url(f"{shared.address}/shared")
    page.close()
    yield window, language, locked
    window.close()


def make_link(page: Page, here: Product, password: str = "") -> str:
    """A link to a shared map, made on its page."""
    page.goto(f"{here.address}/shares")
    page.fill("[name=title]", "2026-07-24")
    page.fill("[name=password]", password)
    page.click("form.new button[type=submit]")
    return page.locator("#link").inner_text()


@contextmanager
def opened(look: Look, here: Product, path: str) -> Iterator[Page]:
    """A page at rest; afterwards it must have asked nobody else and made no error."""
    page, watch = look[0].new_page(), Watch(here.address)
    page.on("console", lambda m: watch.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("request", lambda request: watch.note(request))
    page.goto(here.address + path)
    page.wait_for_load_state("networkidle")
    yield page
    refused = "Failed to load resource: the server responded with a status of 4"
    assert [each for each in watch.errors if not each.startswith(refused)] == []
    assert watch.foreign == []
    page.close()


def address(here: Product, path: str, link: str) -> str:
    """A path with the ids of the stage, and the link that asks for a password."""
    with here.context.engine.connect() as conn:
        beat = conn.scalar(sa.select(sa.func.min(tables.beat.c.id)))
    locked = link.removeprefix(here.address)
    return path.format(plan=here.stage.plan_id, van=here.stage.van_ids[0], beat=beat, locked=locked)


def test_every_template_is_looked_at() -> None:
    here = {path.name for path in (Path(pages.__file__).parent / "templates").glob("*.html")}
    assert here - FRAMES == set(PAGES)


@pytest.mark.browser
@pytest.mark.parametrize("kind", sorted(PAGES))
def test_a_page_is_for_everybody(look: Look, shared: Product, kind: str) -> None:
    with opened(look, shared, address(shared, PAGES[kind], look[2])) as page:
        found = quality.grave(page)
        foreign = quality.untranslated(quality.said(page), look[1], NAMES)
        assert found == [], quality.told(found)
        assert foreign == [], quality.told(foreign)
        page.set_viewport_size({"width": 1366, "height": 768})
        cut = quality.cut_hints(page)
        assert cut == [], quality.told(cut)


@pytest.mark.browser
def test_fields_of_a_row_stand_level(look: Look, shared: Product) -> None:
    with opened(look, shared, "/shares") as page:
        labels = page.locator("form.new > label")
        tops = labels.evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")
        assert len(tops) == 7 and tops == [tops[0]] * 3 + [tops[3]] * 4


@pytest.mark.browser
def test_the_look_finds_what_is_wrong(look: Look, shared: Product) -> None:
    planted = """() => {
      document.querySelector("h1").textContent = "见 See the office";
      document.documentElement.style.setProperty("--muted", "rgba(128, 128, 128, 0.4)");
      document.querySelector("button").textContent = "";
      document.querySelector("[name=login]").placeholder = "0123456789".repeat(9);
    }"""
    with opened(look, shared, "/login") as page:
        page.evaluate(planted)
        found = quality.grave(page)
        assert any("color-contrast" in each for each in found), found
        assert any("button-name" in each for each in found)
        assert quality.cut_hints(page) == ["0123456789" * 9]
        assert quality.untranslated(quality.said(page), look[1]) == ["见 See the office"]
