"""What commands have in common: where the home is, which day, which district."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fleet.settings import Settings

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Where database, roads and keys live (default: CAREVAN_HOME, else a standard place)."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", help="Port of the web server (default: CAREVAN_PORT, else 8600).", min=1, max=65535
    ),
]
Day = Annotated[str, typer.Option("--date", help="The day, YYYY-MM-DD (default: today).")]
District = Annotated[int, typer.Option("--district", help="The district's number.")]


def settings_of(home: Path | None, **changes: object) -> Settings:
    """Settings from the environment and what the command line changes."""
    given = {"home": home.absolute() if home else None, **changes}
    return Settings.model_validate({key: value for key, value in given.items() if value is not None})


def day_of(text: str) -> date | None:
    """A day as typed; None when nothing was."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day. Write it as 2026-07-20.") from None
