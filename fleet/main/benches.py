"""`./carevan bench NAME`: runs a benchmark of `tests/bench` and shows its figures."""

from __future__ import annotations

import importlib
import json
import os
import platform
from dataclasses import asdict
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
    kept = _Kept(name) if mode == "full" else None
    if not as_json:
        print(f"bench {name}, {mode}, on {machine()}")
    good = True
    for case in bench.cases(mode):
        key = f"{case.name} ({case.version})" if case.version else case.name
        figures = kept.done(key) if kept else None
        if figures is None:
            figures = [asdict(figure) for figure in case.measure()]
            if kept:
                kept.add(key, figures)
        for figure in figures:
            good = good and figure["ok"] is not False
            print(json.dumps(figure, ensure_ascii=False) if as_json else _row(figure), flush=True)
    if kept:
        kept.finish()
    return good


def _row(figure: dict[str, Any]) -> str:
    row = f"{figure['name']:54} {_number(figure['value']):>12} {figure['unit']:10}"
    if figure["beside"]:
        row += f" beside {figure['beside']}: {_number(figure['beside_value'])}"
    if figure["ratio"] is not None:
        row += f"  ratio {figure['ratio']:.3g}"
    if figure["expect"]:
        row += f"  expect {figure['expect']}: {'ok' if figure['ok'] else 'MISSED'}"
    return row


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


class _Kept:
    """Figures of a full run, kept case by case: a broken off one goes on behind its last whole case.

    Only the cases that this run asked for are its results, not those of another version that are kept still.
    """

    def __init__(self, name: str) -> None:
        RESULTS.mkdir(parents=True, exist_ok=True)
        self._path = RESULTS / f"{name}.json"
        self._part = RESULTS / f"{name}.part.json"
        self._cases: dict[str, list[dict[str, Any]]] = {}
        self._asked: list[str] = []
        if self._part.exists():
            self._cases = json.loads(self._part.read_text())

    def done(self, case: str) -> list[dict[str, Any]] | None:
        """The figures of a case that was measured before; None when it was not."""
        self._asked.append(case)
        return self._cases.get(case)

    def add(self, case: str, figures: list[dict[str, Any]]) -> None:
        """Keep a case."""
        self._cases[case] = figures
        self._part.write_text(json.dumps(self._cases, ensure_ascii=False))

    def finish(self) -> None:
        """All cases are measured: write the results, with when and on what."""
        figures = [figure for case in self._asked for figure in self._cases[case]]
        told = {"when": datetime.now(UTC).date().isoformat(), "machine": machine(), "figures": figures}
        self._path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        self._part.unlink(missing_ok=True)
