"""Calls for help in the database, and what each step tells the screens and the vans.

Every function takes a connection inside its caller's transaction. A step locks the call's row first, then
raises the district's journal and writes to the van's outbox, so that all three commit together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import journal, outbox, tables
from fleet.errors import InvalidInput, NotFound
from fleet.geo import haversine_m
from fleet.registry import mask_name
from fleet.sos import Case, Offer, State, Transition, step
from fleet.sos_messages import ReceiptJson, journal_body, receipt_of_json, receipt_to_json, task_body, task_id
from fleet.sos_webhook import Call, secret_of

_NEAR_M = 2000.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """A source of calls. Its secret is derived, never stored."""

    id: int
    district_id: int
    name: str
    generation: int

    def secret(self, key: bytes) -> str:
        """The secret to give to the source, from the server's key."""
        return secret_of(key, self.id, self.generation)

    @property
    def source(self) -> str:
        """How this webhook is named in a call."""
        return f"webhook:{self.id}"


@dataclass(frozen=True, slots=True)
class _Place:
    recipient_id: int | None
    name: str
    lon: float
    lat: float


def find_webhook(conn: sa.Connection, webhook_id: int) -> Webhook:
    """A webhook that is in use.

    Raises
    ------
    NotFound : there is none with this number, or it was revoked.
    """
    hook = tables.webhook
    row = conn.execute(
        sa.select(hook.c.id, hook.c.district_id, hook.c.name, hook.c.generation).where(
            hook.c.id == webhook_id, hook.c.revoked_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(
            "There is no webhook {id}, or it was revoked. Ask the administrator for one.", id=webhook_id
        )
    return Webhook(row.id, row.district_id, row.name, row.generation)


def create(conn: sa.Connection, district_id: int, source: str, call: Call, at: datetime) -> tuple[Case, bool]:
    """Take a call in, once.

    Parameters
    ----------
    source : ``webhook:1``, ``account:3`` or ``terminal:7``; with ``call.key`` it is the call's identity
    at : domain time

    Returns
    -------
    The call, and whether it is new. A repeated call changes nothing and comes back as it stands now.

    Raises
    ------
    NotFound : the district has no elder with the call's code.
    InvalidInput : the call names no place.
    """
    place = _locate(conn, district_id, call)
    sos = tables.sos
    new_id = conn.execute(
        insert(sos)
        .values(
            district_id=district_id,
            source=source,
            source_key=call.key,
            recipient_id=place.recipient_id,
            place=place.name,
            geom=sa.func.ST_SetSRID(sa.func.ST_MakePoint(place.lon, place.lat), 4326),
            state="called",
            called_at=at,
            receipt={},
        )
        .on_conflict_do_nothing(constraint="sos_source_key")
        .returning(sos.c.id)
    ).scalar_one_or_none()
    if new_id is not None:
        case = get(conn, district_id, new_id)
        journal.raise_state(conn, district_id, at, "sos", dict(journal_body(case)))
        return case, True
    row = conn.execute(
        _select().where(
            sos.c.district_id == district_id, sos.c.source == source, sos.c.source_key == call.key
        )
    ).one()
    return _case(row._mapping), False


def get(conn: sa.Connection, district_id: int, case_id: int, *, lock: bool = False) -> Case:
    """One call of a district.

    Raises
    ------
    NotFound : the district has no such call.
    """
    query = _select().where(tables.sos.c.id == case_id, tables.sos.c.district_id == district_id)
    row = conn.execute(query.with_for_update(of=tables.sos) if lock else query).one_or_none()
    if row is None:
        raise NotFound("There is no SOS {id} in this district.", id=case_id)
    return _case(row._mapping)


def list_open(conn: sa.Connection, district_id: int) -> list[Case]:
    """The calls of a district that are not closed, the oldest first."""
    sos = tables.sos
    query = _select().where(sos.c.district_id == district_id, sos.c.state != "closed")
    return [_case(row._mapping) for row in conn.execute(query.order_by(sos.c.called_at, sos.c.id))]


def list_between(conn: sa.Connection, district_id: int, start: datetime, end: datetime) -> list[Case]:
    """The calls of a district with ``start <= called_at < end``, the oldest first."""
    sos = tables.sos
    query = _select().where(sos.c.district_id == district_id, sos.c.called_at >= start, sos.c.called_at < end)
    return [_case(row._mapping) for row in conn.execute(query.order_by(sos.c.called_at, sos.c.id))]


def transition(conn: sa.Connection, district_id: int, case_id: int, change: Transition, at: datetime) -> Case:
    """Carry out one step and tell everybody whom it concerns.

    The journal is raised; a van that is offered the call gets a ``task``, a van that no longer has it gets
    a ``withdraw``.

    Parameters
    ----------
    at : domain time of the entry in the journal

    Raises
    ------
    NotFound : no such call, or the van offered is not the district's.
    Conflict : the step is not legal in the call's state.
    """
    if isinstance(change, Offer):
        _demand_van(conn, district_id, change.decision.van_id)
    before = get(conn, district_id, case_id, lock=True)
    after = step(before, change)
    sos = tables.sos
    conn.execute(
        sa.update(sos)
        .where(sos.c.id == case_id)
        .values(
            state=after.state,
            van_id=after.van_id,
            seen_at=after.seen_at,
            seen_by=after.seen_by,
            offered_at=after.offered_at,
            accepted_at=after.accepted_at,
            arrived_at=after.arrived_at,
            closed_at=after.closed_at,
            outcome=after.outcome,
            receipt=receipt_to_json(after.receipt),
        )
    )
    journal.raise_state(conn, district_id, at, "sos", dict(journal_body(after)))
    _tell_vans(conn, before, after, at)
    return after


def _tell_vans(conn: sa.Connection, before: Case, after: Case, at: datetime) -> None:
    if before.van_id is not None and (after.van_id != before.van_id or not after.is_open):
        outbox.put(conn, before.van_id, "withdraw", {"task": task_id(after.id)}, at)
    if after.van_id is not None and after.state == "offered" and after.van_id != before.van_id:
        outbox.put(conn, after.van_id, "task", dict(task_body(after)), at)


def _demand_van(conn: sa.Connection, district_id: int, van_id: int) -> None:
    van = tables.van
    found = conn.execute(sa.select(van.c.id).where(van.c.id == van_id, van.c.district_id == district_id))
    if found.one_or_none() is None:
        raise NotFound("There is no van {van} in this district.", van=van_id)


def _locate(conn: sa.Connection, district_id: int, call: Call) -> _Place:
    if call.recipient is None:
        if call.lon is None or call.lat is None:
            raise InvalidInput('The call names no place. Give "recipient", or "lon" and "lat".')
        place = call.place or _near(conn, district_id, call.lon, call.lat)
        return _Place(None, place, call.lon, call.lat)
    recipient, site = tables.recipient, tables.site
    row = conn.execute(
        sa.select(
            recipient.c.id,
            site.c.name,
            sa.func.ST_X(site.c.geom).label("lon"),
            sa.func.ST_Y(site.c.geom).label("lat"),
        )
        .join(site, site.c.id == recipient.c.home_id)
        .where(recipient.c.district_id == district_id, recipient.c.code == call.recipient)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no elder with the code {code} in this district.", code=call.recipient)
    # A device that knows where it is outranks the address: the elder may have fallen in the park.
    lon, lat = (row.lon, row.lat) if call.lon is None or call.lat is None else (call.lon, call.lat)
    return _Place(row.id, call.place or row.name, lon, lat)


def _near(conn: sa.Connection, district_id: int, lon: float, lat: float) -> str:
    """A name for a bare point: the nearest centre or stop point within 2 km, never somebody's home."""
    site = tables.site
    here = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)
    row = conn.execute(
        sa.select(site.c.name, sa.func.ST_X(site.c.geom).label("lon"), sa.func.ST_Y(site.c.geom).label("lat"))
        .where(site.c.district_id == district_id, site.c.kind != "home")
        .order_by(site.c.geom.op("<->")(here))
        .limit(1)
    ).one_or_none()
    if row is None or haversine_m((lon, lat), (row.lon, row.lat)) > _NEAR_M:
        return ""
    return f"≈ {row.name}"


def _select() -> sa.Select[Any]:
    sos, recipient = tables.sos, tables.recipient
    columns = [column for column in sos.c if column.name != "geom"]
    return sa.select(
        *columns,
        sa.func.ST_X(sos.c.geom).label("lon"),
        sa.func.ST_Y(sos.c.geom).label("lat"),
        recipient.c.name.label("who"),
    ).join(recipient, recipient.c.id == sos.c.recipient_id, isouter=True)


def _case(row: Mapping[Any, Any]) -> Case:
    return Case(
        id=row["id"],
        district_id=row["district_id"],
        source=row["source"],
        source_key=row["source_key"],
        recipient_id=row["recipient_id"],
        who=mask_name(row["who"]) if row["who"] else "",
        place=row["place"],
        lon=row["lon"],
        lat=row["lat"],
        state=cast(State, row["state"]),
        van_id=row["van_id"],
        called_at=row["called_at"],
        seen_at=row["seen_at"],
        seen_by=row["seen_by"],
        offered_at=row["offered_at"],
        accepted_at=row["accepted_at"],
        arrived_at=row["arrived_at"],
        closed_at=row["closed_at"],
        outcome=row["outcome"],
        receipt=receipt_of_json(cast(ReceiptJson, row["receipt"])),
    )
