"""Shared maps in the database: links and their guests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from fleet import tables
from fleet.errors import NotFound
from fleet.keys import new_token, token_hash
from maps.scope import Scope

_ENDED: Final = "This link has expired or was taken back. Ask whoever sent it for a new one."


@dataclass(frozen=True, slots=True)
class Share:
    """A shared map; `guarded` when guests need its password."""

    id: int
    district_id: int
    title: str
    scope: Scope
    guarded: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    views: int

    def is_open(self, now: datetime) -> bool:
        """Whether its link still works at a wall time."""
        return self.revoked_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True)
class NewShare:
    """What a dispatcher asks for; the password, where there is to be one, as it is stored."""

    district_id: int
    title: str
    scope: Scope
    created_by: int
    expires_at: datetime
    password_hash: str | None = None


def create(conn: sa.Connection, wanted: NewShare, now: datetime) -> tuple[int, str]:
    """Make a share. Returns its id and its token, of which only the hash is kept."""
    token = new_token()
    share = tables.share
    share_id: int = conn.execute(
        share.insert()
        .values(
            district_id=wanted.district_id,
            token_hash=token_hash(token),
            title=wanted.title,
            **asdict(wanted.scope),
            password_hash=wanted.password_hash,
            created_by=wanted.created_by,
            created_at=now,
            expires_at=wanted.expires_at,
        )
        .returning(share.c.id)
    ).scalar_one()
    return share_id, token


def list_of(conn: sa.Connection, district_id: int) -> list[Share]:
    """The shares of a district, the newest first, at most 200."""
    share = tables.share
    query = _select().where(share.c.district_id == district_id).order_by(share.c.id.desc()).limit(200)
    return [_share(row) for row in conn.execute(query).mappings()]


def of(conn: sa.Connection, district_id: int, share_id: int, now: datetime) -> Share:
    """An open share of a district; in a transaction it is kept as it is until that ends.

    Raises
    ------
    NotFound : the district has no such share, or it has ended.
    """
    share = tables.share.c
    query = _select().where(share.id == share_id, share.district_id == district_id).with_for_update()
    row = conn.execute(query).mappings().one_or_none()
    if row is None or not _share(row).is_open(now):
        raise NotFound("There is no open link {id} in this district. Make a new one.", id=share_id)
    return _share(row)


def change(conn: sa.Connection, share: Share, wanted: NewShare, *, unguarded: bool = False) -> None:
    """Change what a link shows; its address stays, and whoever made it.

    Parameters
    ----------
    share : as `of` told it in this transaction
    wanted : what it is to be; with a password, all guests must enter anew; without, the old one stays
    unguarded : whether the old password is taken away
    """
    changed: dict[str, Any] = {"title": wanted.title, "expires_at": wanted.expires_at, **asdict(wanted.scope)}
    if wanted.password_hash or unguarded:
        changed["password_hash"] = wanted.password_hash
    conn.execute(sa.update(tables.share).where(tables.share.c.id == share.id).values(changed))
    if wanted.password_hash:
        conn.execute(sa.delete(tables.guest).where(tables.guest.c.share_id == share.id))


def revoke(conn: sa.Connection, district_id: int, share_id: int, now: datetime) -> None:
    """End a share; its guests' open maps end within seconds.

    Raises
    ------
    NotFound : the district has no such share.
    """
    share = tables.share
    mine = sa.and_(share.c.id == share_id, share.c.district_id == district_id)
    if conn.scalar(sa.select(share.c.id).where(mine)) is None:
        raise NotFound("There is no shared map {id} in this district.", id=share_id)
    conn.execute(sa.update(share).where(mine, share.c.revoked_at.is_(None)).values(revoked_at=now))


def find(conn: sa.Connection, token: str, now: datetime) -> tuple[Share, str | None]:
    """The share of a link, and what is stored of its password, if it has one. Counts nothing.

    Raises
    ------
    NotFound : the link is unknown, has expired or was revoked.
    """
    query = _select().add_columns(tables.share.c.password_hash.label("stored"))
    row = conn.execute(query.where(_is_open(token, now))).mappings().one_or_none()
    if row is None:
        raise NotFound(_ENDED)
    known = dict(row)
    stored = known.pop("stored")
    return _share(known), stored


def admit(conn: sa.Connection, token: str, now: datetime, stored: str | None = None) -> tuple[Share, str]:
    """Exchange a link's token for a guest's cookie, and count the view.

    Parameters
    ----------
    stored : the password's hash that was looked at, None for none: it may have been changed meanwhile

    Raises
    ------
    NotFound : the link is unknown, has expired, was revoked, or has another password by now.
    """
    same = tables.share.c.password_hash.is_not_distinct_from(stored)
    counted = sa.update(tables.share).values(views=tables.share.c.views + 1)
    row = conn.execute(counted.where(_is_open(token, now), same).returning(*_columns())).one_or_none()
    if row is None:
        raise NotFound(_ENDED)
    cookie = new_token()
    conn.execute(
        tables.guest.insert().values(cookie_hash=token_hash(cookie), share_id=row.id, created_at=now)
    )
    return _share(row._mapping), cookie


def of_guest(conn: sa.Connection, cookie: str | None, now: datetime) -> Share | None:
    """The share of a guest's cookie, while it is open."""
    return of_guests(conn, [cookie], now).get(cookie) if cookie else None


def of_guests(conn: sa.Connection, cookies: Collection[str], now: datetime) -> dict[str, Share]:
    """The shares of these guests' cookies that are open, by cookie."""
    guest = tables.guest
    by_hash = {token_hash(cookie): cookie for cookie in cookies}
    query = sa.select(guest.c.cookie_hash, *_columns()).join(guest, guest.c.share_id == tables.share.c.id)
    found = {}
    for row in conn.execute(query.where(guest.c.cookie_hash.in_(by_hash))).mappings():
        known = dict(row)
        cookie = by_hash[bytes(known.pop("cookie_hash"))]
        found[cookie] = _share(known)
    return {cookie: share for cookie, share in found.items() if share.is_open(now)}


def _is_open(token: str, now: datetime) -> sa.ColumnElement[bool]:
    share = tables.share.c
    return sa.and_(share.token_hash == token_hash(token), share.revoked_at.is_(None), share.expires_at > now)


_SCOPE: Final = tuple(each.name for each in fields(Scope))
_PLAIN: Final = ("id", "district_id", "title", "created_at", "expires_at", "revoked_at", "views")


def _columns() -> list[sa.ColumnElement[Any]]:
    share = tables.share.c
    return [*(share[name] for name in (*_PLAIN, *_SCOPE)), share.password_hash.is_not(None).label("guarded")]


def _select() -> sa.Select[Any]:
    return sa.select(*_columns())


def _share(row: Mapping[Any, Any]) -> Share:
    known: dict[str, Any] = {str(name): value for name, value in row.items()}
    parts = {name: known.pop(name) for name in _SCOPE}
    for name in ("vans", "beats"):
        parts[name] = None if parts[name] is None else tuple(parts[name])
    return Share(scope=Scope(**parts), **known)
