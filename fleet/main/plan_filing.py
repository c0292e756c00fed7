"""A stored plan written to a file from the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import get_args

from fleet import audit
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.main.registering import ACTOR
from fleet.words import locale_of_environment
from routing.plan_file_api import FORMATS, Format
from routing.sheaf import read_sheaf


def write(context: Context, district_id: int, plan_id: int, kind: str, out: Path | None) -> None:
    """Write a plan in one of the formats of its downloads; to standard output where no file is given.

    Raises
    ------
    NotFound : the district has no such plan.
    InvalidInput : there is no such format, or the file cannot be written.
    """
    known: Format | None = next((each for each in get_args(Format) if each == kind), None)
    if known is None:
        raise InvalidInput(
            "There is no plan file called {kind}. Use one of {kinds}.",
            kind=kind, kinds=", ".join(get_args(Format)),
        )  # fmt: skip
    with translate_errors(), context.engine.begin() as conn:
        sheaf = read_sheaf(conn, district_id, plan_id, locale_of_environment(os.environ))
        audit.record(conn, ACTOR, "plan.export", f"plan:{plan_id}", district_id, format=kind)
    pieces = FORMATS[known][0](sheaf)
    if out is None:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    try:
        with out.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be written ({why}). Give another with --out.",
            file=out, why=error.strerror,
        ) from None  # fmt: skip
