"""Commands on the registry: districts, people, vans, terminals, CSV files, roads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fleet.main.options import District, Home, settings_of

district = typer.Typer(help="Districts: everything else belongs to one.", no_args_is_help=True)
user = typer.Typer(help="People who log in.", no_args_is_help=True)
van = typer.Typer(help="Vans.", no_args_is_help=True)
terminal = typer.Typer(help="The vans' terminals.", no_args_is_help=True)
webhook = typer.Typer(help="Sources of SOS calls.", no_args_is_help=True)
imports = typer.Typer(
    help="Take a CSV file into the registry: all of it or, with the reasons, none.", no_args_is_help=True
)
fences = typer.Typer(help="Geofences: places whose crossings are told.", no_args_is_help=True)
TerminalCode = Annotated[str, typer.Argument(help="The terminal's code.")]
roads = typer.Typer(help="The road network and the base map.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang these groups of commands into an application."""
    groups = (
        ("district", district),
        ("user", user),
        ("van", van),
        ("terminal", terminal),
        ("webhook", webhook),
        ("import", imports),
        ("roads", roads),
        ("fences", fences),
    )
    for name, group in groups:
        app.add_typer(group, name=name)


@user.command("add")
def user_add(
    login: Annotated[str, typer.Argument(help="What they type to log in.")],
    role: Annotated[str, typer.Option(help="viewer, dispatcher, planner or administrator.")] = "viewer",
    name: Annotated[str, typer.Option(help="How the screens name them.")] = "",
    district: District = 1,
    home: Home = None,
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    from fleet.main import assembly, registering

    password = (
        typer.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    )
    with assembly.open_context(settings_of(home)) as context:
        registering.add_user(context, registering.NewUser(login, password, role, name, district))


@district.command("add")
def district_add(
    name: Annotated[str, typer.Argument(help="The district's name.")],
    lon: Annotated[float, typer.Argument(help="Its middle, degrees east.", min=-180, max=180)],
    lat: Annotated[float, typer.Argument(help="Its middle, degrees north.", min=-90, max=90)],
    home: Home = None,
) -> None:
    """Add a district; prints its number."""
    from fleet.main import assembly, registering

    with assembly.open_context(settings_of(home)) as context:
        registering.add_district(context, name, (lon, lat))


@van.command("add")
def van_add(
    code: Annotated[str, typer.Argument(help="Your own short code of the van.")],
    name: Annotated[str, typer.Option(help="How the screens name it.")] = "",
    plate: Annotated[str, typer.Option(help="Number plate.")] = "",
    district: District = 1,
    home: Home = None,
) -> None:
    """Add a van with a terminal; prints the terminal's token, once."""
    from fleet.main import assembly, registering

    with assembly.open_context(settings_of(home)) as context:
        registering.add_van(context, district, registering.NewVan(code, name or code, plate))


@terminal.command("add")
def terminal_add(
    van: Annotated[str, typer.Argument(help="The van's code.")],
    code: Annotated[str, typer.Argument(help="Your own short code of the terminal.")],
    kind: Annotated[str, typer.Option(help="phone, jt808 or screen.")],
    datum: Annotated[str, typer.Option(help="In which it reports: wgs84, gcj02 or bd09.")] = "wgs84",
    hardware_id: Annotated[str, typer.Option(help="A JT/T 808 device's own number.")] = "",
    district: District = 1,
    home: Home = None,
) -> None:
    """Add a terminal to a van; prints, once, the settings that let it in."""
    from fleet.main import assembly, equipping

    with assembly.open_context(settings_of(home)) as context:
        equipping.add(context, district, equipping.NewTerminal(van, code, kind, datum, hardware_id))


@terminal.command("list")
def terminal_list(district: District = 1, home: Home = None) -> None:
    """Show the terminals: code, van, kind, datum, state."""
    from fleet.main import assembly, equipping

    with assembly.open_context(settings_of(home)) as context:
        equipping.show(context, district)


@terminal.command("token")
def terminal_token(code: TerminalCode, district: District = 1, home: Home = None) -> None:
    """Give a terminal a new token or secret and print it, once; the old one ends."""
    from fleet.main import assembly, equipping

    with assembly.open_context(settings_of(home)) as context:
        equipping.renew(context, district, code)


@terminal.command("enrol")
def terminal_enrol(code: TerminalCode, district: District = 1, home: Home = None) -> None:
    """Let a JT/T 808 device register itself as this terminal, once, within ten minutes."""
    from fleet.main import assembly, equipping

    with assembly.open_context(settings_of(home)) as context:
        equipping.open_enrolment(context, district, code)


@terminal.command("revoke")
def terminal_revoke(code: TerminalCode, district: District = 1, home: Home = None) -> None:
    """Refuse a terminal from now on, within 5 s."""
    from fleet.main import assembly, equipping

    with assembly.open_context(settings_of(home)) as context:
        equipping.revoke(context, district, code)


@webhook.command("add")
def webhook_add(
    name: Annotated[str, typer.Argument(help="Who calls by it, such as the maker of the SOS buttons.")],
    district: District = 1,
    home: Home = None,
) -> None:
    """Let a source of SOS calls in; prints its address and its secret, once."""
    from fleet.main import assembly, registering

    with assembly.open_context(settings_of(home)) as context:
        registering.add_webhook(context, district, name)


@imports.command("sites")
def import_sites(file: Path, district: District = 1, home: Home = None) -> None:
    """Sites: code, kind, name, lon, lat, ..."""
    _import("sites", file, district, home)


@imports.command("recipients")
def import_recipients(file: Path, district: District = 1, home: Home = None) -> None:
    """Elders: code, name, birth_year, home, ..."""
    _import("recipients", file, district, home)


@imports.command("vans")
def import_vans(file: Path, district: District = 1, home: Home = None) -> None:
    """Vans: code, name, plate, ..."""
    _import("vans", file, district, home)


@imports.command("cadences")
def import_cadences(file: Path, district: District = 1, home: Home = None) -> None:
    """How often elders are due, rules and exceptions: code, channel, target_days, own, day_from, ..."""
    _import("cadences", file, district, home)


@imports.command("visits")
def import_visits(file: Path, district: District = 1, home: Home = None) -> None:
    """Phone calls and grid workers' visits that were made: code, channel, began, outcome, ..."""
    _import("visits", file, district, home)


@imports.command("temperatures")
def import_temperatures(file: Path, district: District = 1, home: Home = None) -> None:
    """Highest and lowest temperatures of days: day, max_c, min_c, kind."""
    _import("temperatures", file, district, home)


@fences.command("import")
def fences_import(file: Path, district: District = 1, home: Home = None) -> None:
    """Take a GeoJSON file in: all of its features or, with the reasons, none."""
    from fleet.main import assembly, fencing

    with assembly.open_context(settings_of(home)) as context:
        raise typer.Exit(fencing.take_in(context, district, file))


@fences.command("list")
def fences_list(district: District = 1, home: Home = None) -> None:
    """Show the fences: code, kind, reach, what is told, state, name."""
    from fleet.main import assembly, fencing

    with assembly.open_context(settings_of(home)) as context:
        fencing.show(context, district)


@fences.command("retire")
def fences_retire(
    code: Annotated[str, typer.Argument(help="The fence's code.")], district: District = 1, home: Home = None
) -> None:
    """Let a fence count no more; importing its code again brings it back."""
    from fleet.main import assembly, fencing

    with assembly.open_context(settings_of(home)) as context:
        fencing.retire(context, district, code)


def _import(kind: str, file: Path, district: int, home: Path | None) -> None:
    from fleet.main import assembly, registering

    with assembly.open_context(settings_of(home)) as context:
        raise typer.Exit(registering.import_csv(context, district, kind, file))


@roads.command("import")
def roads_import(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract, .osm.pbf or .osm.gz.")],
    home: Home = None,
) -> None:
    """Take a road network: for times and routes, and as the base map."""
    from fleet.main import assembly, registering

    settings = settings_of(home)
    with assembly.open_database(settings) as database_url:
        registering.import_roads(settings, database_url, file)
