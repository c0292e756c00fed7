"""What the command line does to the registry; each function is one command."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from fleet import (
    accounts,
    audit,
    basemap,
    cadences,
    importing,
    osrm,
    recording,
    registry,
    seasons,
    sos_store,
    tables,
    terminals,
)
from fleet.accounts import ROLES
from fleet.clock import wall_now
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.geo import LonLat
from fleet.settings import Settings
from fleet.sos_webhook import SIGNATURE_HEADER
from fleet.words import locale_of_environment

ACTOR = "command"


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person to be let in."""

    login: str
    password: str
    role: str
    name: str
    district_id: int


@dataclass(frozen=True, slots=True)
class NewVan:
    """A van to be added."""

    code: str
    name: str
    plate: str


def add_user(context: Context, new: NewUser) -> None:
    """Add an account and let it into a district.

    Raises
    ------
    InvalidInput : no such role, or a weak password.
    Conflict : the login is taken.
    NotFound : no such district.
    """
    role = next((each for each in ROLES if each == new.role), None)
    if role is None:
        raise InvalidInput(
            "There is no role {role!r}. Take one of: {roles}.", role=new.role, roles=", ".join(ROLES)
        )
    with translate_errors(), context.engine.begin() as conn:
        registry.district(conn, new.district_id)
        account = accounts.create(conn, new.login, new.password, new.name, wall_now())
        accounts.grant(conn, account.id, new.district_id, role)
        audit.record(conn, ACTOR, "account.add", f"account:{account.id}", new.district_id, role=role)
    print(f"{new.login} may log in to district {new.district_id} as {role}.")


def add_district(context: Context, name: str, middle: LonLat) -> None:
    """Add a district and print its number."""
    with translate_errors(), context.engine.begin() as conn:
        point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(*middle), 4326)
        statement = tables.district.insert().values(name=name, centre=point)
        district_id: int = conn.execute(statement.returning(tables.district.c.id)).scalar_one()
        audit.record(conn, ACTOR, "district.add", f"district:{district_id}", district_id)
    print(f"{name} is district {district_id}.")


def add_van(context: Context, district_id: int, new: NewVan) -> None:
    """Add a van with a screen terminal and print the terminal's token."""
    with translate_errors(), context.engine.begin() as conn:
        registry.district(conn, district_id)
        values = {"district_id": district_id, "code": new.code, "name": new.name, "plate": new.plate}
        van_id: int = conn.execute(tables.van.insert().values(values).returning(tables.van.c.id)).scalar_one()
        code = f"{new.code}-screen"
        now = context.clock.now()
        terminal_id = terminals.register(conn, district_id, van_id, code, kind="screen", now=now)
        token = terminals.issue_token(conn, terminal_id)
        audit.record(conn, ACTOR, "van.add", f"van:{van_id}", district_id)
    print(f"Van {van_id} ({new.code}) with terminal {code}. Its token, shown this once:\n{token}")


def add_webhook(context: Context, district_id: int, name: str) -> None:
    """Let a source of SOS calls in and print where and how it calls."""
    with translate_errors(), context.engine.begin() as conn:
        registry.district(conn, district_id)
        values = {"district_id": district_id, "name": name, "created_at": wall_now()}
        statement = tables.webhook.insert().values(values).returning(tables.webhook.c.id)
        webhook_id: int = conn.execute(statement).scalar_one()
        webhook = sos_store.find_webhook(conn, webhook_id)
        audit.record(conn, ACTOR, "webhook.add", f"webhook:{webhook_id}", district_id)
    print(f"POST /hooks/sos/{webhook_id} with the header {SIGNATURE_HEADER}; the secret, shown this once:")
    print(webhook.secret(context.key))


def import_csv(context: Context, district_id: int, kind: str, file: Path) -> int:
    """Take a CSV file in and print its report; 0 when all was taken, else 1 and nothing was."""
    with translate_errors(), context.engine.begin() as conn:
        registry.district(conn, district_id)
        report = _taken(conn, context.clock.now(), district_id, kind, file)
    print(report.said(locale_of_environment(os.environ)))
    return 0 if report.accepted else 1


def _taken(conn: sa.Connection, now: datetime, district_id: int, kind: str, file: Path) -> importing.Report:
    """What came of a file; it is in the audit already."""
    if kind == "cadences":
        return cadences.import_cadences(conn, district_id, file, by=ACTOR)
    if kind == "visits":
        return recording.import_visits(conn, district_id, file, recording.Clerk(ACTOR, ACTOR, now))
    if kind == "temperatures":
        report = seasons.import_temperatures(conn, district_id, file, by=ACTOR, at=now)
    else:
        report = importing.import_file(conn, district_id, kind, file)
    audit.record(conn, ACTOR, f"{kind}.import", file.name, district_id, taken=report.taken)
    return report


def import_roads(settings: Settings, database_url: str, file: Path) -> None:
    """Build the road graph and the base map of an extract."""
    osrm.build(settings.home, file)
    basemap.bring(database_url, file, synthetic=False)
    print(f"{file.name} is the road network and the base map. Restart serve and worker to use it.")
