"""What the command line does to the vans' terminals; each function is one command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

import sqlalchemy as sa

from fleet import audit, registry, terminals
from fleet.clock import wall_now
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput, NotFound
from fleet.geo import Datum
from fleet.main import address
from fleet.main.registering import ACTOR
from fleet.settings import Settings

_KINDS: Final = ("phone", "jt808", "screen")
_MOST_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class NewTerminal:
    """A terminal to be added, as it was typed.

    Parameters
    ----------
    van : the van's code
    hardware_id : of a JT/T 808 device; empty for others
    """

    van: str
    code: str
    kind: str
    datum: str
    hardware_id: str = ""


def add(context: Context, district_id: int, new: NewTerminal) -> None:
    """Add a terminal to a van, and print, once, what its device needs to be let in.

    Raises
    ------
    InvalidInput : no such kind or datum, or a hardware number that is missing, wrong or not wanted.
    NotFound : the district has no such van.
    Conflict : the code or the hardware number is taken.
    """
    device = terminals.Device(_datum(new.datum), _hardware_id(new))
    with translate_errors(), context.engine.begin() as conn:
        van = next((each for each in registry.vans(conn, district_id) if each.code == new.van), None)
        if van is None:
            raise NotFound(
                "There is no van {code!r} in district {district}.", code=new.van, district=district_id
            )
        terminal_id = terminals.register(
            conn, district_id, van.id, new.code, kind=new.kind, now=context.clock.now(), device=device
        )
        secret = _issue(conn, terminal_id, new.kind)
        subject = f"terminal:{terminal_id}"
        audit.record(conn, ACTOR, "terminal.add", subject, district_id, kind=new.kind, datum=new.datum)
    print(f"Terminal {new.code} ({new.kind}, {new.datum}) of van {van.code}.")
    _tell(context.settings, new.code, new.kind, secret)


def renew(context: Context, district_id: int, code: str) -> None:
    """Give a terminal a new token or secret and print it, once; the old one ends.

    Raises
    ------
    NotFound : the district has no such terminal.
    InvalidInput : it is a JT/T 808 device, which gets its code when it registers.
    """
    with translate_errors(), context.engine.begin() as conn:
        found = _find(conn, district_id, code)
        if found.kind == "jt808":
            raise InvalidInput(
                "Terminal {code!r} is a JT/T 808 device: it is given its code when it registers.", code=code
            )
        secret = _issue(conn, found.id, found.kind)
        audit.record(conn, ACTOR, "terminal.token", f"terminal:{found.id}", district_id)
    _tell(context.settings, code, found.kind, secret)


def open_enrolment(context: Context, district_id: int, code: str) -> None:
    """Let a JT/T 808 device register itself and print until when.

    Raises
    ------
    NotFound : the district has no such terminal.
    InvalidInput : it is no JT/T 808 device, or its number is not known.
    """
    with translate_errors(), context.engine.begin() as conn:
        found = _find(conn, district_id, code)
        until = terminals.open_enrolment(conn, found.id, wall_now())
        audit.record(conn, ACTOR, "terminal.enrolment", f"terminal:{found.id}", district_id)
    print(f"The device may register until {until.astimezone():%H:%M:%S} (this machine's time), once.")


def revoke(context: Context, district_id: int, code: str) -> None:
    """Refuse a terminal from now on.

    Raises
    ------
    NotFound : the district has no such terminal.
    """
    with translate_errors(), context.engine.begin() as conn:
        found = _find(conn, district_id, code)
        terminals.revoke(conn, found.id, wall_now())
        audit.record(conn, ACTOR, "terminal.revoke", f"terminal:{found.id}", district_id)
    again = "enrol" if found.kind == "jt808" else "token"
    print(f"Terminal {code} is refused within 5 s. ./carevan terminal {again} {code} lets it in again.")


def show(context: Context, district_id: int) -> None:
    """Print all terminals of a district."""
    with translate_errors(), context.engine.connect() as conn:
        registry.district(conn, district_id)
        entries = terminals.entries(conn, district_id)
    lines = [("CODE", "VAN", "KIND", "DATUM", "STATE")]
    lines += [(each.code, each.van_code, each.kind, each.datum, _state(each)) for each in entries]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _state(entry: terminals.Entry) -> str:
    if entry.revoked_at is not None:
        return "revoked"
    if entry.has_token:
        return "in use"
    return "never registered" if entry.kind == "jt808" else "without a token"


def _find(conn: sa.Connection, district_id: int, code: str) -> registry.Terminal:
    found = next((each for each in registry.terminals(conn, district_id) if each.code == code), None)
    if found is None:
        raise NotFound(
            "There is no terminal {code!r} in district {district}.", code=code, district=district_id
        )
    return found


def _issue(conn: sa.Connection, terminal_id: int, kind: str) -> str:
    """What lets a terminal in; empty for a device that is given its code when it registers."""
    if kind == "jt808":
        return ""
    issue = terminals.issue_secret if kind == "phone" else terminals.issue_token
    return issue(conn, terminal_id)


def _tell(settings: Settings, code: str, kind: str, secret: str) -> None:
    if kind == "jt808":
        print(f"Let the device register within ten minutes: ./carevan terminal enrol {code}")
    elif kind == "phone":
        print(_phone_settings(settings, code, secret))
    else:
        print(f"Its token, shown this once:\n{secret}")


def _phone_settings(settings: Settings, code: str, secret: str) -> str:
    server = settings.public_url.rstrip("/") or address.of(settings)
    told = (
        f"Its secret, shown this once: {secret}",
        "Type it with or without dashes, in capitals or small. Use one of:",
        "",
        "Traccar Client (or any OsmAnd client)",
        f"  Server URL          {server}/osmand",
        f"  Device identifier   {secret}",
        "",
        "OwnTracks, mode HTTP",
        f"  URL                 {server}/owntracks",
        f"  Username            {code}",
        f"  Password            {secret}",
    )
    hint = "" if settings.public_url else "\n\nPut this server's outside address for the one above."
    return "\n".join(told) + hint


def _datum(text: str) -> Datum:
    known: tuple[Datum, ...] = get_args(Datum)
    for each in known:
        if each == text:
            return each
    raise InvalidInput(
        "There is no datum {datum!r}. Take one of: {known}.", datum=text, known=", ".join(known)
    )


def _hardware_id(new: NewTerminal) -> str | None:
    if new.kind not in _KINDS:
        raise InvalidInput(
            "There is no kind of terminal {kind!r}. Take one of: {known}.",
            kind=new.kind, known=", ".join(_KINDS),
        )  # fmt: skip
    if new.kind != "jt808":
        if new.hardware_id:
            raise InvalidInput("Only a JT/T 808 device has a hardware number. Leave --hardware-id out.")
        return None
    digits = new.hardware_id.lstrip("0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        raise InvalidInput(
            "{given!r} is no number of a JT/T 808 device. "
            "Give the digits on its label (its SIM or terminal number) with --hardware-id.",
            given=new.hardware_id,
        )
    return digits
