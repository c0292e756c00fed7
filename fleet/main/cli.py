"""The command line. A command imports what it alone needs, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from fleet.errors import FleetError, InvalidInput
from fleet.main import cli_registry, logs
from fleet.main.options import Day, District, Home, Port, day_of, settings_of
from fleet.settings import Settings
from fleet.words import locale_of, locale_of_environment, translate

app = typer.Typer(
    name="carevan",
    help="CareVan: elder-care vans on a live map, their plans, their SOS calls, their day again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli_registry.add_to(app)


@app.command()
def demo(
    home: Home = None,
    port: Port = None,
    speed: Annotated[
        float, typer.Option(help="How much faster than life the demo's clock runs.", min=0.1, max=120)
    ] = 1.0,
    minutes: Annotated[
        float, typer.Option(help="End by itself after so many minutes on the wall; 0: run on.", min=0)
    ] = 0.0,
    vans: Annotated[int, typer.Option(help="How many vans.", min=1, max=50)] = 5,
    elders: Annotated[int, typer.Option(help="How many elders.", min=20, max=5000)] = 241,
    day: Day = "",
    open_: Annotated[
        bool, typer.Option("--open", help="Open the platform screen in this machine's browser.")
    ] = False,
) -> None:
    """Run all of CareVan here, with an invented district and simulated vans."""
    from fleet.main.demo import Wish, run_demo

    wish = Wish(speed, minutes, vans, elders, day_of(day), open_)
    run_demo(settings_of(home, port=port), wish)


@app.command()
def serve(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, 0.0.0.0 for all (default: 127.0.0.1).")
    ] = None,
    port: Port = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM.")] = None,
    proxies: Annotated[
        str | None, typer.Option(help="Addresses of trusted proxies, comma-separated.")
    ] = None,
    jt808_port: Annotated[
        int | None,
        typer.Option(
            help="Port for JT/T 808 devices, plain TCP (default: CAREVAN_JT808_PORT, else none).",
            min=0,
            max=65535,
        ),
    ] = None,
    at: Annotated[
        str, typer.Option(help="Set the clock to a day that is over: YYYY-MM-DD, or 'YYYY-MM-DD HH:MM'.")
    ] = "",
) -> None:
    """Run the web server: screens, terminals' gateway, live feed."""
    from fleet.main import address, assembly, looking_back
    from fleet.main import serve as server

    clock = looking_back.clock_text(at) if at else None
    settings = settings_of(
        home, host=host, port=port, trusted_proxies=proxies, clock=clock, jt808_port=jt808_port
    )
    address.check_port(settings.host, settings.port)
    if settings.jt808_port:
        address.check_port(settings.host, settings.jt808_port, "--jt808-port")
    with assembly.open_context(settings) as context:
        print(address.of(settings, tls=tls_cert is not None), flush=True)
        server.serve(context, tls_cert, tls_key)


@app.command()
def worker(home: Home = None) -> None:
    """Run the planner's worker: it solves the plans that people ask for."""
    import asyncio

    from fleet.main import assembly
    from routing import jobs

    with assembly.open_context(settings_of(home)) as context:
        asyncio.run(jobs.run_worker(context))


@app.command()
def plan(
    home: Home = None,
    day: Day = "",
    district: District = 1,
    seconds: Annotated[float, typer.Option(help="How long the solver may think.", min=1, max=3600)] = 10.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same plan.")] = 1,
    publish: Annotated[bool, typer.Option("--publish", help="Publish the plan to the vans.")] = False,
    vroom: Annotated[
        Path | None,
        typer.Option(help="Instead of a day, solve this VROOM problem (JSON; - for standard input)."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --vroom: write the solution to this file.")] = None,
    given: Annotated[
        bool, typer.Option("--given", help="With --vroom: times for the given steps, as VROOM's -c.")
    ] = False,
) -> None:
    """Plan one day here and now, without the queue."""
    if vroom is not None:
        from fleet.main import vroom as foreign

        foreign.solve_file(settings_of(home), foreign.Order(vroom, out, seconds, given))
        return
    from fleet.main import assembly, planning

    with assembly.open_context(settings_of(home)) as context:
        planning.plan_now(context, district, day_of(day), planning.Effort(seconds, seed, publish))


@app.command(name="map")
def map_(
    kind: Annotated[str, typer.Argument(help="plan, today, coverage or heat.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    home: Home = None,
    day: Day = "",
    district: District = 1,
    detail: Annotated[
        str, typer.Option(help="shared: no name, no doorstep; exact, named: not to be passed on.")
    ] = "shared",
    language: Annotated[str, typer.Option(help="zh or en (default: this terminal's).")] = "",
) -> None:
    """Write a map of a day as one HTML file that opens without a server."""
    from fleet.main import assembly, mapping
    from maps.document_store import Order

    asked = mapping.kind_of(kind), mapping.detail_of(detail)
    locale = locale_of(None, language) if language else locale_of_environment(os.environ)
    with assembly.open_context(settings_of(home)) as context:
        mapping.write_map(context, Order(asked[0], district, day_of(day), asked[1], locale), out)


@app.command(name="plan-file")
def plan_file(
    number: Annotated[int, typer.Argument(metavar="PLAN", help="The plan's number.", min=1)],
    home: Home = None,
    district: District = 1,
    kind: Annotated[
        str, typer.Option("--format", help="json, csv, geojson, gpx, xlsx or vroom (VROOM's solution JSON).")
    ] = "json",
    out: Annotated[Path | None, typer.Option(help="Write to this file, not to standard output.")] = None,
) -> None:
    """Write a stored plan to a file."""
    from fleet.main import assembly, plan_filing

    with assembly.open_context(settings_of(home)) as context:
        plan_filing.write(context, district, number, kind, out)


@app.command(name="day-rules")
def day_rules(
    home: Home = None,
    district: District = 1,
    span_h: Annotated[
        float | None, typer.Option(help="Hours from leaving to being back; 0: the shift.")
    ] = None,
    overtime_min: Annotated[int | None, typer.Option(help="Minutes of overtime allowed.", min=0)] = None,
    wait_min: Annotated[int | None, typer.Option(help="Minutes a van may wait at its depot.", min=0)] = None,
    patrol_min: Annotated[int | None, typer.Option(help="Minutes of patrol owed a day.", min=0)] = None,
    pace: Annotated[
        str | None, typer.Option(help="24 percentages of road time, by hour; empty: none.")
    ] = None,
    batches: Annotated[str | None, typer.Option(help="When kitchens' batches are ready: 09:30,12:00")] = None,
    equipment: Annotated[str | None, typer.Option(help="Portable things: stair_climber=1,bath=2")] = None,
) -> None:
    """Show what a district's planned days keep to, or change what is given."""
    from fleet.main import assembly, ruling
    from routing.day_rules import Asked

    def text(value: float | None) -> str | None:
        return None if value is None else f"{value:g}"

    asked = Asked(
        text(span_h), text(overtime_min), text(wait_min), text(patrol_min), pace, batches, equipment
    )
    with assembly.open_context(settings_of(home)) as context:
        ruling.rule(context, district, asked)


@app.command()
def setup(home: Home = None) -> None:
    """Bring what the other commands need, and end: for images and machines without a network later."""
    from fleet.main import npm
    from maps import assets
    from routing.search import warm_up

    settings = settings_of(home)
    assets.install(settings.vendor_dir, npm.command(settings.home))
    warm_up()
    print(f"Everything is in {settings.home}.")


@app.command()
def migrate(home: Home = None) -> None:
    """Bring the database to today's schema."""
    from fleet import migrate as migration
    from fleet.main import assembly

    with assembly.open_database(settings_of(home)) as database_url:
        migration.upgrade(database_url)
    print("The database has today's schema.")


@app.command()
def partitions(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, sizes in bytes.")] = False,
    home: Home = None,
) -> None:
    """Show the days of stored tracks: how large they are, and when they are deleted."""
    from fleet.main import assembly
    from fleet.main import partitions as days

    with assembly.open_context(settings_of(home)) as context:
        days.show(context, as_json=json_)


@app.command()
def feed(
    file: Annotated[Path, typer.Argument(help="A track file: CSV or GPX, gzipped or not.")],
    home: Home = None,
    url: Annotated[str, typer.Option(help="The platform's address.")] = "http://127.0.0.1:8600",
    columns: Annotated[
        str, typer.Option("--map", help="Our name by the file's: van=id,time=time,lon=lon,lat=lat")
    ] = "",
    day: Annotated[str, typer.Option("--date", help="The day of times that have none, YYYY-MM-DD.")] = "",
    speed: Annotated[
        float, typer.Option(help="Recorded seconds a second; 0: as fast as it goes.", min=0)
    ] = 0.0,
    create_vans: Annotated[
        bool, typer.Option("--create-vans", help="Register vehicles that are unknown.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Only so many rows; 0: all.", min=0)] = 0,
    district: District = 1,
) -> None:
    """Send a recorded track file through the real terminal protocol to a running server."""
    from fleet.main import feeding
    from replay.entry import Reading
    from replay.feeder import Order
    from replay.recording_csv import parse_columns

    reading = Reading(parse_columns(columns) if columns else (), day_of(day), ZoneInfo("Asia/Shanghai"))
    target = url.rstrip("/").replace("http", "ws", 1) + "/terminal/ws"
    order = Order(file, reading, district, target, create_vans, speed or None, limit or None)
    feeding.run(settings_of(home), order)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which one, such as ingest or plan.")],
    quick: Annotated[bool, typer.Option("--quick", help="Within a minute.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All of it; kept in docs/results/.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a figure.")] = False,
    home: Home = None,
) -> None:
    """Measure, beside a peer or a limit."""
    from fleet.main import benches

    os.environ["CAREVAN_HOME"] = str(settings_of(home).home)
    mode = "quick" if quick else "full" if full else "default"
    raise typer.Exit(0 if benches.run(name, mode, as_json=json_) else 1)


@app.command("test")
def run_tests(
    arguments: Annotated[list[str] | None, typer.Argument(help="Given to pytest.")] = None, home: Home = None
) -> None:
    """Run the tests: a real PostGIS, a real browser."""
    from fleet.main import check as checks

    raise typer.Exit(checks.run_tests(settings_of(home), arguments or []))


@app.command("check")
def run_checks(home: Home = None) -> None:
    """Run lint, types, import contracts and the tests."""
    from fleet.main import check as checks

    raise typer.Exit(checks.run_checks(settings_of(home)))


@app.command(hidden=True)
def simulate(url: str, name: str, record: Path, home: Home = None) -> None:
    """Be one simulated van; the token comes in CAREVAN_TERMINAL_TOKEN."""
    from fleet.clock import Clock
    from fleet.main.simulator import Simulated
    from fleet.main.simulator import simulate as be_a_van
    from tracking.client import Access

    settings = settings_of(home)
    access = Access(url, os.environ["CAREVAN_TERMINAL_TOKEN"], "carevan-simulator")
    be_a_van(Simulated(access, name, record), Clock.parse(settings.clock), settings.osrm_url)


def run() -> None:
    """The entry: a sentence for what went wrong, never a stack trace."""
    try:
        logs.configure(_settings().home)
        # Not `app()`: Typer would put its own hook, which prints a stack trace, in the place of ours.
        typer.main.get_command(app)(prog_name="./carevan")
    except FleetError as error:
        sys.exit(f"carevan: {translate(locale_of_environment(os.environ), error.text, **error.params)}")
    except KeyboardInterrupt:
        sys.exit(130)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            "The variable CAREVAN_{name} cannot be {value!r}. Correct it or unset it.",
            name=str(first["loc"][0]).upper(), value=first["input"],
        ) from None  # fmt: skip
