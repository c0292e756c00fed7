from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from routing.compiling import array_kernel, kernel, small_kernel

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("compiled", [array_kernel, kernel, small_kernel])
def test_a_kernel_says_what_the_function_said(compiled: Callable[..., Any]) -> None:
    def root(n: int) -> int:
        k = 0
        while (k + 1) * (k + 1) <= n:
            k += 1
        return k

    assert [compiled(root)(n) for n in (0, 3, 4, 99, 100)] == [0, 1, 2, 9, 10]


def test_what_is_compiled_is_kept_in_the_home(tmp_path: Path) -> None:
    code = "from routing.dice import below; import numpy; below(numpy.array([1], dtype=numpy.uint64), 3)"
    environ = {"PYTHONPATH": str(ROOT), "CAREVAN_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", code], env=environ, cwd=tmp_path, check=True)
    kept = {path.name.split(".")[0] for path in tmp_path.glob("compiled/*/*/*.nbi")}
    assert "dice" in kept
