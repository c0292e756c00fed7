"""What must wait because its day takes no fix yet, and what need not. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from tracking.parcel import Parcel, Receiver

_DAY_MS: Final = 86_400_000


def apart(parcels: Sequence[Parcel], unready: Collection[int]) -> tuple[list[Parcel], list[Parcel]]:
    """Part what can be stored now from what waits, each in its order.

    What waits holds up its own connection, since an acknowledgement covers all before it, and nobody else.

    Parameters
    ----------
    parcels : in the order of arrival
    unready : days since 1970, UTC, that take no fix yet
    """
    goes: list[Parcel] = []
    waits: list[Parcel] = []
    held_up: set[Receiver] = set()
    for parcel in parcels:
        if parcel.receiver in held_up or any(fix.t // _DAY_MS in unready for _, fix in parcel.fixes):
            held_up.add(parcel.receiver)
            waits.append(parcel)
        else:
            goes.append(parcel)
    return goes, waits
