"""A stored reason in words: its vans and places as the reader calls them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet.registry import Site
from fleet.words import Locale
from routing.reason_words import say


def said(told: Mapping[str, Any], vans: Mapping[int, str], sites: Iterable[Site], locale: Locale) -> str:
    """The sentence of a stored reason.

    Parameters
    ----------
    told : as `explain.as_json` made it
    vans : what each van is called, by its key
    sites : the centres at which a reload may be
    """
    van_id = int(told["van"])
    return say(locale, placed(told, sites, locale), vans.get(van_id, str(van_id)), vans)


def placed(told: Mapping[str, Any], sites: Iterable[Site], locale: Locale) -> dict[str, Any]:
    """A stored reason whose places have their names in `locale`; it is kept with those of the district.

    Parameters
    ----------
    told : as `explain.as_json` made it
    sites : those that it may name; a name that is none of theirs stays
    """
    names = {site.name: site.name_en for site in sites if site.name_en} if locale == "en" else {}
    needs = [
        {**need, "what": [names.get(str(what), what) for what in need["what"]]} if "what" in need else need
        for need in told.get("needs", ())
    ]
    return {**told, "needs": needs}
