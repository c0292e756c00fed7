"""The layers of a map that a person may switch off and on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleet.words import Locale, translate

NAMES: Final = {
    "fences": "Fences",
    "beats": "Beats",
    "unseen": "Places not passed yet",
    "places": "Centres",
    "plan": "Routes and stops",
    "trails": "Tracks of the last minutes",
    "alerts": "Alerts",
}
"""Vans and calls for help always stand there."""


def choices(layers: Iterable[str], locale: Locale) -> tuple[tuple[str, str], ...]:
    """Those of a map's layers that may be chosen, with their names."""
    standing = frozenset(layers)
    return tuple((layer, translate(locale, name)) for layer, name in NAMES.items() if layer in standing)
