"""OSRM's own tools: unpacked into the home, run to build a road graph, kept running to answer.

The wheel of `osrm-bindings` carries the executables; its Python half is never imported (it holds the GIL).
What a build made lies in `<home>/roads/<name>/`, and the link `<home>/roads/current` names the one in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from fleet.errors import InvalidInput, Unavailable

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-osrm.txt"
MAX_TABLE = 10_000
_BASE = "roads.osrm"
_KNOWN_ENDINGS = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm")
_START_LIMIT_S = 60.0


def installed(home: Path) -> bool:
    """Whether the four tools, which set-up unpacks, are there and may be run."""
    tools = ("osrm-extract", "osrm-partition", "osrm-customize", "osrm-routed")
    return all(os.access(_tool(home, name), os.X_OK) for name in tools)


def build(home: Path, source: Path) -> Path:
    """Make a road graph of an OpenStreetMap file (MLD: extract, partition, customize) the current one.

    A file that was built before, by its content, is not built again. A failed build leaves the current
    graph as it was.

    Returns
    -------
    The graph's base path, `<home>/roads/<name>/roads.osrm`.

    Raises
    ------
    InvalidInput : no such file, not OpenStreetMap, cut short, or without a drivable road.
    Unavailable : the tools are missing or the disk is full.
    """
    _check_source(source)
    if not installed(home):
        raise Unavailable(
            "The road tools are missing in {home}. Run ./carevan once with the network on: it brings them.",
            home=home / "osrm",
        )
    roads = home / "roads"
    roads.mkdir(parents=True, exist_ok=True)
    made = roads / _name_of(source)
    if not (made / f"{_BASE}.cell_metrics").exists():
        folder = Path(tempfile.mkdtemp(prefix="new-", dir=roads))
        try:
            _run_tools(home, source, folder / _BASE)
            shutil.rmtree(made, ignore_errors=True)
            folder.rename(made)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    _make_current(roads, made)
    return made / _BASE


def current(home: Path) -> Path | None:
    """The base path of the road graph in use, or None when no roads were imported."""
    base = (home / "roads" / "current").resolve() / _BASE
    return base if base.with_name(f"{_BASE}.cell_metrics").exists() else None


class Router:
    """`osrm-routed` as a child on 127.0.0.1, with tables large enough for a day's plan.

    The child dies with the thread that started it (`setpriv --pdeathsig`): start it from a thread that lives
    as long as it is wanted, such as that of `fleet.main.keeping`, which also restarts it.
    `restart` takes the roads that are current by then and keeps the port, so that whoever holds `url` needs
    no news.
    """

    def __init__(self, home: Path, *, threads: int = 2) -> None:
        self._home = home
        self._threads = threads
        self._port = 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers; empty before the first start."""
        return f"http://127.0.0.1:{self._port}" if self._port else ""

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process id while it was started and not stopped."""
        return self._child.pid if self._child else None

    def start(self) -> str:
        """Start it on a free port and wait until it answers.

        Raises
        ------
        Unavailable : no roads were imported, or it ends at once or does not answer; its own last words are
            in the sentence.
        """
        if self.alive:
            return self.url
        base = current(self._home)
        if base is None:
            raise Unavailable("There are no roads yet. Import some with ./carevan roads import FILE.")
        self._port = self._port or _free_port()
        log = base.with_name("routed.log")
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                self._command(base), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            self._wait_until_it_answers(log)
        except BaseException:
            self.stop()
            raise
        return self.url

    def restart(self) -> str:
        """Stop it if it runs, and start it again on the same port."""
        self.stop()
        return self.start()

    def stop(self) -> None:
        """End the child and wait for it; nothing happens when it does not run."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self, base: Path) -> list[str]:
        tied = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        return [
            *tied,
            str(_tool(self._home, "osrm-routed")),
            *("--ip", "127.0.0.1", "--port", str(self._port), "--threads", str(self._threads)),
            *("--algorithm", "mld", "--max-table-size", str(MAX_TABLE), "--max-matching-size", "1000"),
            *("--verbosity", "WARNING", str(base)),
        ]

    def _wait_until_it_answers(self, log: Path) -> None:
        give_up = time.monotonic() + _START_LIMIT_S
        while time.monotonic() < give_up:
            if not self.alive:
                break
            with contextlib.suppress(httpx2.TransportError):
                # Any answer will do: a question without a place is refused, but by a server that is up.
                httpx2.get(f"{self.url}/nearest/v1/driving/0,0", timeout=1.0)
                return
            time.sleep(0.02)
        raise Unavailable(
            "The road server does not start ({why}). Import the roads again: ./carevan roads import FILE.",
            why=_last_line(log.read_text(errors="replace")) or "no answer within a minute",
        )


def _tool(home: Path, name: str) -> Path:
    return home / "osrm" / "osrm" / "bin" / name


def _check_source(source: Path) -> None:
    if not source.is_file():
        raise InvalidInput("There is no file {file}. Check its name.", file=source)
    if not source.name.endswith(_KNOWN_ENDINGS):
        raise InvalidInput(
            "The file {file} is not an OpenStreetMap extract. Give one that ends in .osm.pbf or .osm.gz.",
            file=source.name,
        )


def _name_of(source: Path) -> str:
    """The same content gives the same name, so that nothing is built twice."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    pinned = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    return f"{digest[:12]}-{pinned[:6]}"


def _run_tools(home: Path, source: Path, base: Path) -> None:
    profile = home / "osrm" / "osrm" / "share" / "profiles" / "car.lua"
    quiet = ["--verbosity", "WARNING"]
    _run([str(_tool(home, "osrm-extract")), *quiet, "-p", str(profile), "-o", str(base), str(source)], source)
    # Without one drivable road the extractor succeeds and leaves nothing to cut into cells.
    for name in ("osrm-partition", "osrm-customize"):
        _run([str(_tool(home, name)), *quiet, str(base)], source)


def _run(command: list[str], source: Path) -> None:
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if said.returncode == 0:
        return
    why = said.stderr + said.stdout
    if "No space left" in why:
        raise Unavailable("The disk is full; the roads were not imported. Free some space and try again.")
    if any(
        word in why for word in ("pbf_error", "xml_error", "gzip_error", "bzip2_error", "io_error", "EOF")
    ):
        raise InvalidInput(
            "The file {file} is cut short or damaged ({why}). Download it again; the roads in use stay.",
            file=source.name,
            why=_last_line(why),
        )
    raise InvalidInput(
        "No drivable road was found in {file} ({why}). Choose an extract that covers the district; "
        "the roads in use stay.",
        file=source.name,
        why=_last_line(why),
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("what():").strip() if lines else ""


def _make_current(roads: Path, made: Path) -> None:
    """Swing the link over in one step, then drop older graphs: a server that runs has read them whole."""
    link = roads / f"current.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.replace(roads / "current")
    for folder in roads.iterdir():
        if folder != made and (folder / f"{_BASE}.cell_metrics").exists() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
