"""The browser assets: brought once by npm, served by us, and no page names anybody else."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fleet.errors import Unavailable

LOCK_DIR = Path(__file__).parent / "vendor"
_STAMP = ".lock-digest"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: what is taken out of it, path inside the package by path in the vendor folder."""

    name: str
    files: Mapping[str, str]


PACKAGES = (
    Package(
        "leaflet",
        {
            "dist/leaflet.js": "leaflet/leaflet.js",
            "dist/leaflet.css": "leaflet/leaflet.css",
            "dist/images": "leaflet/images",
        },
    ),
    Package(
        "leaflet-realtime",
        {"dist/leaflet-realtime.min.js": "leaflet-realtime/leaflet-realtime.js"},
    ),
    Package("echarts", {"dist/echarts.common.min.js": "echarts/echarts.js"}),
    Package(
        "protomaps-leaflet",
        {"dist/protomaps-leaflet.js": "protomaps-leaflet/protomaps-leaflet.js"},
    ),
)

# Folium's assets by (class, asset name), never by address; None: our pages do without it.
ASSETS: Mapping[tuple[str, str], str | None] = MappingProxyType(
    {
        ("Map", "leaflet"): "/vendor/leaflet/leaflet.js",
        ("Map", "leaflet_css"): "/vendor/leaflet/leaflet.css",
        ("Map", "jquery"): None,
        ("Map", "bootstrap"): None,
        ("Map", "bootstrap_css"): None,
        ("Map", "glyphicons_css"): None,
        ("Map", "awesome_markers"): None,
        ("Map", "awesome_markers_font_css"): None,
        ("Map", "awesome_markers_css"): None,
        ("Map", "awesome_rotate_css"): None,
        ("Realtime", "Leaflet_Realtime_js"): "/vendor/leaflet-realtime/leaflet-realtime.js",
    }
)

_FOREIGN = re.compile(
    r"""(?:src|href|action)\s*=\s*["']?\s*((?:https?:)?//[^"'\s>]+)|url\(\s*["']?((?:https?:)?//[^)"']+)"""
)
# A link that a person may follow is not something a page asks for.
_LINKS = frozenset({"https://www.openstreetmap.org/copyright"})


def lock_digest() -> str:
    """What the vendor folder must have been made from."""
    digest = hashlib.sha256((LOCK_DIR / "package-lock.json").read_bytes())
    for package in PACKAGES:
        digest.update(repr((package.name, sorted(package.files.items()))).encode())
    return digest.hexdigest()


def installed(vendor_dir: Path) -> bool:
    """Whether the vendor folder is whole and made from this lock file."""
    stamp = vendor_dir / _STAMP
    return stamp.is_file() and stamp.read_text() == lock_digest()


def install(vendor_dir: Path, npm: Sequence[str] = ("npm",)) -> bool:
    """Bring the browser assets into the vendor folder; nothing is done when they are there.

    Parameters
    ----------
    vendor_dir : replaced as a whole, so that a broken download never leaves half of it
    npm : the command, for example ``("node", "/path/npm-cli.js")``

    Returns
    -------
    Whether anything was downloaded.

    Raises
    ------
    Unavailable : npm is missing, or could not download.
    """
    if installed(vendor_dir):
        return False
    vendor_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vendor_dir.parent, prefix=".vendor-") as scratch:
        work, fresh = Path(scratch) / "npm", Path(scratch) / "fresh"
        work.mkdir()
        fresh.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCK_DIR / name, work / name)
        _run_npm(npm, work)
        for package in PACKAGES:
            _take(package, work / "node_modules" / package.name, fresh)
        (fresh / _STAMP).write_text(lock_digest())
        shutil.rmtree(vendor_dir, ignore_errors=True)
        fresh.rename(vendor_dir)
    return True


def _run_npm(npm: Sequence[str], work: Path) -> None:
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(
            "npm is not installed, so the map's scripts cannot be fetched. "
            "Install Node.js 18 or later and start again."
        ) from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["npm said nothing"]
        raise Unavailable(
            "npm could not fetch the map's scripts ({why}). "
            "Check the network or the npm registry setting and start again.",
            why=last[0],
        )


def _take(package: Package, source: Path, target: Path) -> None:
    for inside, outside in package.files.items():
        to = target / outside
        to.parent.mkdir(parents=True, exist_ok=True)
        if (source / inside).is_dir():
            shutil.copytree(source / inside, to)
        else:
            shutil.copy(source / inside, to)
    licences = sorted(source.glob("LICEN*"))
    if licences:
        shutil.copy(licences[0], target / package.name / "LICENSE")


def address(cls: str, name: str) -> str | None:
    """Where we serve an asset of Folium's; None when our pages do without it.

    Raises
    ------
    LookupError : nobody has decided about this asset; add it to `ASSETS`.
    """
    try:
        return ASSETS[(cls, name)]
    except KeyError:
        raise LookupError(
            f"the asset {name!r} of Folium's {cls} is not served by us: add it to maps.assets"
        ) from None


def check(html: str) -> str:
    """Give the page back, if all it asks for is ours.

    Raises
    ------
    ValueError : the page names a foreign host; our mistake, never a person's.
    """
    named = {a or b for a, b in _FOREIGN.findall(html)} - _LINKS
    if named:
        raise ValueError(f"the page is not self-contained, it names: {sorted(named)}")
    return html
