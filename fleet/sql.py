"""Named SQL statements in a file of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: *([a-z_0-9]+) *$", re.M)


def load(path: Path) -> Mapping[str, str]:
    """Read the statements of a `.sql` file.

    Parameters
    ----------
    path : a file whose statements each follow a line ``-- name: some_name``

    Returns
    -------
    Statement by name, without its name line.

    Raises
    ------
    ValueError : a name stands twice, or there is none.
    """
    parts = _NAME.split(path.read_text(encoding="utf-8"))[1:]
    names, bodies = parts[::2], parts[1::2]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"{path.name}: statements need names, each its own: {names}")
    return MappingProxyType(
        {name: body.strip().rstrip(";") for name, body in zip(names, bodies, strict=True)}
    )
