"""`./carevan demo`: everything on this machine, from an empty home to vans on the screen."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
import webbrowser
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import sqlalchemy as sa
import structlog

from fleet import keys, migrate
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import make_engine
from fleet.errors import Unavailable
from fleet.main import address, assembly, demo_district, npm, record
from fleet.main.children import Child, Children
from fleet.roads import Roads
from fleet.settings import Settings
from fleet.stages import Stages
from maps import assets
from routing.search import warm_up

ZONE = ZoneInfo("Asia/Shanghai")
SHIFT_STARTS = clock_time(8, 30)
MID_SHIFT = clock_time(10, 46)
SHIFT_OVER = clock_time(16, 40)
_AFTER_SHIFT = timedelta(minutes=10)
_STAGES = 10
_PLAN_SECONDS = 8.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks of the demo."""

    speed: float
    minutes: float
    vans: int
    elders: int
    day: date | None
    open_browser: bool


def opening(home: Path, wish: Wish, now: datetime) -> datetime:
    """When the demo's day opens: mid-shift at true speed, else at 08:30.

    A day begun before goes on where it stood; one that was driven to its end is followed by the next.
    """
    stood = _stood_at(home)
    day = wish.day or now.astimezone(ZONE).date()
    if stood is not None and wish.day is None and stood.astimezone(ZONE).date() >= day:
        local = stood.astimezone(ZONE)
        over = local.time() > SHIFT_OVER
        day = local.date() + timedelta(days=1) if over else local.date()
    fresh = datetime.combine(day, MID_SHIFT if wish.speed == 1 else SHIFT_STARTS, ZONE)
    if stood is not None and stood.astimezone(ZONE).date() == day:
        return max(fresh, stood)
    return fresh


def _stood_at(home: Path) -> datetime | None:
    path = home / "demo/clock"
    return datetime.fromisoformat(path.read_text()) if path.exists() else None


class Demo:
    """One run."""

    def __init__(self, settings: Settings, wish: Wish) -> None:
        self._settings = settings
        self._wish = wish
        self._home = settings.home
        self._stages = Stages(_STAGES)
        self._stop = threading.Event()
        self._driving = False
        self._told_end: set[date] = set()

    def run(self) -> None:
        """Start, keep, stop; prints the totals as one JSON object last."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked_to_stop)
        address.check_port(self._settings.host, self._settings.port)
        with ExitStack() as stack:
            totals = self._run(stack)
        print(json.dumps(totals), flush=True)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Once the vans drive, end in order and with totals; before that, just end."""
        self._stop.set()
        if not self._driving:
            raise KeyboardInterrupt

    def _run(self, stack: ExitStack) -> Mapping[str, Any]:
        with self._stages.stage("database (private PostGIS)"):
            database_url = stack.enter_context(assembly.open_database(self._settings))
        with self._stages.stage("schema"):
            migrate.upgrade(database_url)
        with self._stages.stage("browser assets"):
            assets.install(self._settings.vendor_dir, npm.command(self._home))
        with self._stages.stage("the planner's search, compiled"):
            warm_up()
        with self._stages.stage("streets and base map of the invented district"):
            demo_district.bring_roads(self._settings, database_url)
        with self._stages.stage("road server"):
            osrm_url = stack.enter_context(assembly.open_roads(self._settings))
        clock = Clock.opening(opening(self._home, self._wish, datetime.now(UTC)), self._wish.speed)
        roads = Roads(osrm_url)
        stack.callback(roads.close)
        engine = make_engine(database_url)
        stack.callback(engine.dispose)
        key = keys.server_key(self._home)
        context = Context(self._settings, database_url, engine, clock, roads, key)
        children = Children(self._home / "logs", self._environ(context, osrm_url))
        stack.callback(children.stop_all)
        # It takes seconds to load its libraries: it does so while the district is seeded.
        port = str(self._settings.port)
        server = children.start("server", "serve", "--host", self._settings.host, "--port", port)
        with self._stages.stage("vans, centres, beats, elders, 28 days of visits"):
            scene = demo_district.settle(context, vans=self._wish.vans, elders=self._wish.elders)
        with self._stages.stage("web server"):
            _until_it_answers(f"{address.of(self._settings)}/readyz", server)
        children.start("worker", "worker")
        return self._live(context, scene, children)

    def _environ(self, context: Context, osrm_url: str) -> dict[str, str]:
        return {
            "CAREVAN_HOME": str(self._home),
            "CAREVAN_DATABASE_URL": context.database_url,
            "CAREVAN_OSRM_URL": osrm_url,
            "CAREVAN_CLOCK": str(context.clock),
        }

    def _live(self, context: Context, scene: demo_district.Settled, children: Children) -> Mapping[str, Any]:
        page = address.of(self._settings)
        day = context.clock.now().astimezone(ZONE).date()
        with self._stages.stage("plan of the day, made by the worker and published"):
            _plan(context, scene.district_id, day)
        with self._stages.stage(f"{len(scene.tokens)} van terminals"):
            for name, token in scene.tokens.items():
                path = self._home / f"demo/{name}.sent"
                url = f"{page.replace('http', 'ws', 1)}/terminal/ws"
                children.start(f"van-{name}", "simulate", url, name, str(path), CAREVAN_TERMINAL_TOKEN=token)
        _tell(page, scene, context)
        if self._wish.open_browser:
            webbrowser.open(page)
        self._driving = True
        self._keep(context, scene, children)
        return self._totals(context, scene, children)

    def _keep(self, context: Context, scene: demo_district.Settled, children: Children) -> None:
        until = time.monotonic() + self._wish.minutes * 60 if self._wish.minutes else None
        while not self._stop.wait(1.0) and (until is None or time.monotonic() < until):
            self._note_clock(context.clock)
            try:
                self._end_of_shift(context, scene)
            except (sa.exc.OperationalError, Unavailable) as error:
                # The keeper starts the database again; the shift's end is looked for a second later.
                log.warning("the shift's end waits for the database", why=type(error).__name__)
            for child in list(children.running):
                status = child.process.poll()
                if status is not None and child.name in {"server", "worker"}:
                    raise Unavailable(
                        "The {name} ended by itself ({why}). Its log is {log}.",
                        name=child.name, why=child.last_line() or f"exit {status}", log=child.log,
                    )  # fmt: skip

    def _note_clock(self, clock: Clock) -> None:
        path = self._home / "demo/clock"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(clock.now().isoformat())
        new.replace(path)

    def _end_of_shift(self, context: Context, scene: demo_district.Settled) -> None:
        now = context.clock.now().astimezone(ZONE)
        ends = demo_district.shift_end(context, scene.district_id, now.date())
        if ends is None or now < ends + _AFTER_SHIFT or now.date() in self._told_end:
            return
        self._told_end.add(now.date())
        totals = demo_district.totals(context, scene.district_id, now.date())
        print(
            f"\nThe shift of {now.date()} is over: {totals['fixes']['stored']} fixes, "
            f"{totals['visits']['completed']} stops done.\n"
            f"Replay it: {address.of(self._settings)}/replay?day={now.date()}",
            flush=True,
        )
        tomorrow = now.date() + timedelta(days=1)
        demo_district.extend(context, scene, tomorrow)
        _plan(context, scene.district_id, tomorrow)
        print(f"The morning of {tomorrow} is planned.", flush=True)

    def _totals(
        self, context: Context, scene: demo_district.Settled, children: Children
    ) -> Mapping[str, Any]:
        said: dict[str, dict[str, int]] = {
            kind: {"sent": 0, "acknowledged": 0, "refused": 0} for kind in ("fixes", "events")
        }
        for child in [each for each in children.running if each.name.startswith("van-")]:
            children.stop(child)
            for kind, tally in tallies(child).items():
                for name, number in tally.items():
                    said[kind][name] += number
        day = context.clock.now().astimezone(ZONE).date()
        totals = demo_district.totals(context, scene.district_id, day)
        distinct = dict(zip(("fixes", "events"), record.distinct(self._home / "demo"), strict=True))
        for kind in ("fixes", "events"):
            stored = totals[kind]["stored"]
            totals[kind] = {
                "sent": said[kind]["sent"],
                "acknowledged": said[kind]["acknowledged"],
                "stored": stored,
                "distinct": distinct[kind],
                "refused": said[kind]["refused"],
            }
        return totals


def _plan(context: Context, district_id: int, day: date) -> None:
    """Have a day planned by the worker and publish it, unless it has a published plan."""
    with context.engine.connect() as conn:
        if demo_district.is_planned(conn, district_id, day):
            return
    # OR-Tools takes a second to load, which a second start does without.
    from fleet.main import planning

    plan_id = planning.plan_by_queue(context, district_id, day, _PLAN_SECONDS)
    planning.publish_if_draft(context, district_id, plan_id)


def tallies(child: Child) -> dict[str, dict[str, int]]:
    """What an ended terminal sent, by kind; nothing when it was ended before it could begin.

    Raises
    ------
    Unavailable : it ended in another way without its tally.
    """
    # A terminal hears the signal before it sends anything: one that died of it has sent nothing.
    if child.process.returncode == -signal.SIGTERM:
        return {}
    try:
        told: dict[str, dict[str, int]] = json.loads(child.last_line())
    except ValueError:
        raise Unavailable(
            "The terminal {name} ended without its tally. Its log is {log}.", name=child.name, log=child.log
        ) from None
    return told


def _until_it_answers(url: str, server: Child) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise Unavailable(
        "The web server does not start ({why}). Its log is {log}.", why=server.last_line(), log=server.log
    )


def _tell(page: str, scene: demo_district.Settled, context: Context) -> None:
    local = context.clock.now().astimezone(ZONE)
    print(f"\nThe demo's clock shows {local:%Y-%m-%d %H:%M}, {context.clock.rate:g}x. Open {page}")
    for name, path in (
        ("platform screen", "/"),
        ("plan", "/plan"),
        ("replay", "/replay"),
        ("van's screen", "/terminal"),
    ):
        print(f"  {name:16} {page}{path}")
    print("Logins, made just now:")
    for login, (password, role) in scene.logins.items():
        print(f"  {login:12} {password:18} {role}")
    print("Ctrl-C ends it all.", flush=True)


def run_demo(settings: Settings, wish: Wish) -> None:
    """Run the demo until Ctrl-C, or for as long as was wished."""
    Demo(settings, wish).run()
