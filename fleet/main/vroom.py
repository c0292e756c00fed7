"""VROOM's JSON on the command line: a problem in, its solution out. No database is needed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import InvalidInput
from fleet.main import assembly
from fleet.roads import Roads
from fleet.settings import Settings
from routing.vroom import solve_json


@dataclass(frozen=True, slots=True)
class Order:
    """Which problem, where to write its solution (standard output where None), and how.

    `source` may be ``-``, standard input. `given` times the routes that the vehicles' steps give.
    """

    source: Path
    out: Path | None = None
    seconds: float = 10.0
    given: bool = False


def solve_file(settings: Settings, order: Order) -> None:
    """Solve a problem in a file and write the solution.

    Raises
    ------
    InvalidInput : the file cannot be read or written, or something in the problem cannot be right.
    Unavailable : the problem has no matrices, and there are no roads.
    """
    text = _read(order.source)
    with assembly.open_roads(settings) as url:
        roads = Roads(url)
        try:
            made = solve_json(text, roads, seconds=order.seconds, given=order.given)
        finally:
            roads.close()
    written = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if order.out is None:
        sys.stdout.write(written)
        return
    try:
        order.out.write_text(written, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be written ({why}). Give another with --out.",
            file=order.out, why=error.strerror,
        ) from None  # fmt: skip


def _read(source: Path) -> bytes:
    if str(source) == "-":
        return sys.stdin.buffer.read()
    try:
        return source.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be read ({why}). Check its path.", file=source, why=error.strerror
        ) from None
