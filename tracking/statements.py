"""The named statements of this package, as psycopg takes them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from fleet.sql import load

_HERE = Path(__file__).parent
TEXTS: Final = MappingProxyType(
    {
        **load(_HERE / "queries.sql"),
        **load(_HERE / "days.sql"),
        **load(_HERE / "history.sql"),
        **load(_HERE / "van_days.sql"),
    }
)
"""Statement by name."""
SQL: Final = {name: text.encode() for name, text in TEXTS.items()}
"""The same in the form that psycopg takes for a statement that was not composed at run time."""
