"""A tile service on this machine, put into a district, for the tests of maps that stand on it."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from fleet.sealing import seal
from maps import provider_store
from maps.provider import Provider

KEY = "THE-MAP-KEY-77"


def service(district_id: int, address: str, **changes: object) -> Provider:
    """One of a single layer, switched on."""
    made = Provider(
        id=0, district_id=district_id, name="mine", kind="xyz", title="外图", title_en="Outer map",
        urls=(f"{address}/{{z}}/{{x}}/{{y}}?tk={{key}}",), datum="wgs84", min_zoom=1, max_zoom=18,
        attribution="© 外图公司", attribution_en="© Outer Maps", approval="GS(2026)0001号", keep_h=24,
        guests=False, enabled=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def put_service(conn: sa.Connection, key: bytes, made: Provider) -> None:
    """Store it with its key."""
    provider_store.save(conn, replace(made, sealed=seal(key, made.purpose, KEY)))
