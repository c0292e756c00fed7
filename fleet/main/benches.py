"""`./carevan bench NAME`: runs a benchmark of `tests/bench` and shows its figures."""

from __future__ import annotations

import importlib
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "docs/results"


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(p.stem.removeprefix("bench_") for p in (ROOT / "tests/bench").glob("bench_*.py"))


def machine() -> str:
    """Cores and memory: what a reader needs to place a figure."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


def run(name: str, mode: str, *, as_json: bool) -> bool:
    """Run one benchmark; True unless a figure missed what is expected of it.

    Raises
    ------
    NotFound : there is no such benchmark; names those there are.
    """
    if name not in names():
        raise NotFound(
            "There is no benchmark {name!r}. There are: {names}.", name=name, names=", ".join(names())
        )
    # Benchmarks are no package's business: they are found by name, here only.
    bench = importlib.import_module(f"tests.bench.bench_{name}")
    if not as_json:
        print(f"bench {name}, {mode}, on {machine()}")
    good = True
    kept: list[dict[str, Any]] = []
    for figure in _figures(bench.run(mode)):
        good = good and figure["ok"] is not False
        kept.append(figure)
        print(json.dumps(figure, ensure_ascii=False) if as_json else _row(figure), flush=True)
    if mode == "full":
        _keep(name, kept)
    return good


def _figures(found: Iterator[Any]) -> Iterator[dict[str, Any]]:
    for figure in found:
        if is_dataclass(figure) and not isinstance(figure, type):
            yield asdict(figure)


def _row(figure: dict[str, Any]) -> str:
    row = f"{figure['name']:46} {figure['value']:>12,.4g} {figure['unit']:10}"
    if figure["beside"]:
        row += f" beside {figure['beside']}: {figure['beside_value']:,.4g}"
    if figure["ratio"] is not None:
        row += f"  ratio {figure['ratio']:.3g}"
    if figure["expect"]:
        row += f"  expect {figure['expect']}: {'ok' if figure['ok'] else 'MISSED'}"
    return row


def _keep(name: str, kept: list[dict[str, Any]]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    told = {"when": datetime.now(UTC).date().isoformat(), "machine": machine(), "figures": kept}
    (RESULTS / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
