"""The named statements of this package, as psycopg takes them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from fleet.sql import load

_HERE = Path(__file__).parent
_FILES: Final = ("queries.sql", "days.sql", "history.sql", "van_days.sql", "fences.sql")
TEXTS: Final = MappingProxyType({name: text for file in _FILES for name, text in load(_HERE / file).items()})
"""Statement by name."""
SQL: Final = {name: text.encode() for name, text in TEXTS.items()}
"""The same in the form that psycopg takes for a statement that was not composed at run time."""
