"""The compiler of the planner's search, and where what it made is kept.

Its cache sees changes of the one file that a function stands in. Functions here call each other over several
files, so the cache's folder is named by all of them together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

from fleet.settings import Settings

_FILES = (
    "compiling",
    "grid",
    "tours",
    "dice",
    "walk",
    "gap",
    "ruin",
    "recreate",
    "anneal",
    "trial",
    "nearest",
)
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _folder() -> Path:
    here = Path(__file__).parent
    sources = b"".join((here / f"{name}.py").read_bytes() for name in _FILES)
    return Settings().home / "compiled" / hashlib.sha256(sources).hexdigest()[:16]


setattr(config, "CACHE_DIR", str(_folder()))  # noqa: B010


def kernel(function: _Function) -> _Function:
    """Compile a function at its first call; threads run it side by side. It makes no arrays.

    So nobody needs to count who holds those that it is given: counting took half of the search's time.
    """
    return _compiled(function)


def small_kernel(function: _Function) -> _Function:
    """The same for what is called millions of times a second: its code stands wherever it is called.

    A call hands over some eighty words that say where the arrays lie: it may take longer than what it does.
    """
    return _compiled(function, forceinline=True)


def _compiled(function: _Function, **more: bool) -> _Function:
    made = cast("Any", numba.njit)(cache=True, nogil=True, _nrt=False, error_model="numpy", **more)
    return cast("_Function", made(function))


def array_kernel(function: _Function) -> _Function:
    """The same for a function that makes arrays."""
    return cast("_Function", numba.njit(cache=True, nogil=True)(function))
