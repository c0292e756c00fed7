"""The hot path's named statements, as psycopg takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fleet.sql import load

TEXTS: Final = load(Path(__file__).with_name("queries.sql"))
"""Statement by name."""
SQL: Final = {name: text.encode() for name, text in TEXTS.items()}
"""The same in the form that psycopg takes for a statement that was not composed at run time."""
