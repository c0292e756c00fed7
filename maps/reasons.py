"""Why a visit has no place in a plan and what would give it one, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fleet.registry import Site, Van
from fleet.words import Locale
from maps.day import Unserved
from maps.naming import named
from routing.reason_places import said

_MOST = 3


def said_of(each: Unserved, vans: Sequence[Van], locale: Locale, sites: Sequence[Site]) -> list[str]:
    """A sentence for each of the nearest vans, the nearest first: the smallest change that would do.

    There is none where nothing was proved, or where what was is not true any more.

    Parameters
    ----------
    sites : the centres at which a reload may be, so that they are called as the reader does
    """
    names = {van.id: named(van.name, van.name_en, locale) for van in vans}
    return [said(told, names, sites, locale) for told in each.reasons[:_MOST] if told.get("needs")]
