"""What a plan changes of another's promises, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from fleet import registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.registry import mask_name
from fleet.session import Principal, require
from fleet.words import Locale
from routing import store
from routing.api import InLocale
from routing.diff import KINDS, Change, ChangeKind, plan_diff
from routing.stored import PlanRow, StopRow

router = APIRouter(prefix="/api/plans")


@dataclass(frozen=True, slots=True)
class PromiseAnswer:
    """What one of the plans says of a call."""

    stop: int
    van: int
    van_name: str
    begins: datetime


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """A call that changed: for whom (masked) and where, what was promised and what is."""

    kind: ChangeKind
    what: str
    place: str
    who: str | None
    recipient: int | None
    shift_s: int
    old: PromiseAnswer | None
    new: PromiseAnswer | None


@dataclass(frozen=True, slots=True)
class DiffAnswer:
    """What `plan` changes of `against`'s promises; `against` is None where nothing was promised yet."""

    plan: PlanRow
    against: PlanRow | None
    kept: int
    shifted: int
    counts: Mapping[ChangeKind, int]
    changes: Sequence[ChangeAnswer]


@router.get("/{plan_id}/diff")
def diff(
    plan_id: int,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("viewer"))],
    locale: InLocale,
    against: int | None = None,
) -> DiffAnswer:
    """Compare a plan with another of its day; with the published one where none is named.

    Raises
    ------
    NotFound : the district has no such plan.
    InvalidInput : the plans are of different days.
    """
    with translate_errors(), context.engine.connect() as conn:
        plan = store.find_plan(conn, who.district_id, plan_id)
        if against is None:
            other = store.published_on(conn, who.district_id, plan.day)
        else:
            other = store.find_plan(conn, who.district_id, against)
        if other is not None and other.day != plan.day:
            raise InvalidInput(
                "Plan {plan} is of {day} and plan {other} of {other_day}. Compare plans of one day.",
                plan=plan.id, day=plan.day, other=other.id, other_day=other.day,
            )  # fmt: skip
        told = plan_diff(
            store.stops_of(conn, other.id) if other else (),
            store.stops_of(conn, plan.id),
        )
        names = {
            van.id: _named(van.name, van.name_en, locale) for van in registry.vans(conn, who.district_id)
        }
    return DiffAnswer(
        plan=plan,
        against=other,
        kept=told.kept,
        shifted=told.shifted,
        counts={kind: told.count(kind) for kind in KINDS},
        changes=[_change(each, names, locale) for each in told.changes],
    )


def _change(change: Change, names: Mapping[int, str], locale: Locale) -> ChangeAnswer:
    stop = change.stop
    return ChangeAnswer(
        kind=change.kind,
        what=stop.kind,
        place=_named(stop.name or "", stop.name_en, locale),
        who=mask_name(stop.who) if stop.who else None,
        recipient=stop.recipient_id,
        shift_s=change.shift_s,
        old=_promise(change.old, names),
        new=_promise(change.new, names),
    )


def _promise(stop: StopRow | None, names: Mapping[int, str]) -> PromiseAnswer | None:
    if stop is None:
        return None
    return PromiseAnswer(stop.id, stop.van_id, names.get(stop.van_id, str(stop.van_id)), stop.begins)


def _named(name: str, name_en: str | None, locale: Locale) -> str:
    return name_en if locale == "en" and name_en else name
