"""Doors to the database, and the one place where its errors become sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from psycopg import conninfo as pg_conninfo

from fleet.errors import Conflict, FleetError, InvalidInput, NotFound, Unavailable

# By constraint name. The value that was wrong is the person's own; it stands in the sentence.
_SENTENCES: dict[str, tuple[type[FleetError], str]] = {
    "account_login_key": (Conflict, "There is already an account with this login. Choose another login."),
    "van_code_key": (Conflict, "There is already a van with this code in the district. Choose another code."),
    "terminal_code_key": (Conflict, "There is already a terminal with this code. Choose another code."),
    "terminal_hardware_key": (Conflict, "There is already a terminal with this hardware number. Check it."),
    "site_code_key": (Conflict, "There is already a site with this code. Choose another code."),
    "recipient_code_key": (Conflict, "There is already an elder with this code. Choose another code."),
    "district_name_key": (Conflict, "There is already a district with this name. Choose another name."),
    "plan_one_published": (Conflict, "Another plan of this day was published just now. Load the page again."),
}


def sqlalchemy_url(database_url: str) -> str:
    """The same address for SQLAlchemy with psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if database_url.startswith(scheme):
            return "postgresql+psycopg://" + database_url.removeprefix(scheme)
    raise InvalidInput(
        "The database address {url!r} does not begin with postgresql://. Correct CAREVAN_DATABASE_URL.",
        url=database_url.split("@")[-1],
    )


def conninfo(database_url: str) -> str:
    """The same address for psycopg, checked.

    Raises
    ------
    InvalidInput : psycopg cannot read the address.
    """
    sqlalchemy_url(database_url)
    try:
        return pg_conninfo.make_conninfo(database_url)
    except psycopg.ProgrammingError:
        raise InvalidInput(
            "The database address cannot be read. Write it as postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from None


def make_engine(database_url: str, *, pool_size: int = 10) -> sa.Engine:
    """An engine for registry and pages (synchronous; never on the event loop)."""
    conninfo(database_url)
    return sa.create_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        # An error's words may reach a log; what was asked about whom must not.
        hide_parameters=True,
        # A plan for any day whatever reads the fix table worse than one made for the day that is asked for.
        connect_args={
            "options": "-c timezone=UTC -c statement_timeout=30000 -c plan_cache_mode=force_custom_plan"
        },
    )


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn the driver's errors into the product's.

    Raises
    ------
    Conflict, InvalidInput, NotFound : by the name of the constraint that was hurt.
    Unavailable : the database cannot be reached, or is full.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise _by_constraint(error.orig) from error
    except sa.exc.OperationalError as error:
        raise _unavailable(error.orig) from error
    except sa.exc.DataError as error:
        raise InvalidInput("A value does not fit its field. Check numbers and dates.") from error


def _by_constraint(error: BaseException | None) -> FleetError:
    if not isinstance(error, psycopg.Error):
        return Conflict("The database refused the change.")
    name = error.diag.constraint_name or ""
    if name in _SENTENCES:
        kind, text = _SENTENCES[name]
        return kind(text)
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return NotFound("What this refers to does not exist any more. Load the page again.")
    return InvalidInput("A value is not allowed here ({name}).", name=name)


def _unavailable(error: BaseException | None) -> Unavailable:
    if isinstance(error, psycopg.errors.DiskFull):
        return Unavailable("The database's disk is full. Free some space; nothing acknowledged is lost.")
    return Unavailable(
        "The database does not answer. It is tried again by itself; if this stays, ask the operator."
    )
