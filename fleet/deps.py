"""Make the environment on first use, then become the command. Standard library only."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet.stages import Stages

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
_LOCKS: Mapping[str, str] = {
    "run": "requirements.txt",
    "dev": "requirements-dev.txt",
    "bench": "requirements-bench.txt",
}
_GROUPS: Mapping[str, str] = {"test": "dev", "check": "dev", "bench": "bench"}
_OSRM_LOCK = "requirements-osrm.txt"
_NODE_LOCK = "requirements-node.txt"
_OSRM_PYTHON = "3.12"  # the wheel is tagged for 3.12; its programs are plain executables, never imported
_APT_CONF = Path("/etc/postgresql-common/createcluster.d/carevan.conf")


class Missing(Exception):
    """Something the machine lacks; the text says what to do."""


def home_of(arguments: Sequence[str], environ: Mapping[str, str]) -> Path:
    """The home that a command line or the environment names, else the default one."""
    for n, word in enumerate(arguments):
        if word == "--home" and n + 1 < len(arguments):
            return Path(arguments[n + 1]).absolute()
        if word.startswith("--home="):
            return Path(word.partition("=")[2]).absolute()
    if environ.get("CAREVAN_HOME"):
        return Path(environ["CAREVAN_HOME"]).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/carevan")
    return Path.home() / ".local/share/carevan"


def group_of(arguments: Sequence[str]) -> str:
    """Which packages a command needs: run, dev or bench."""
    return _GROUPS.get(next((word for word in arguments if not word.startswith("-")), ""), "run")


def stamp_of(group: str) -> str:
    """What the environment of `group` was made of, as a digest."""
    digest = hashlib.sha256(sys.version.encode())
    for name in (_LOCKS[group], _OSRM_LOCK, _NODE_LOCK):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def system_packages(group: str, *, own_database: bool) -> list[str]:
    """Debian packages that are missing for `group`, by the programs they bring."""
    wanted: list[str] = []
    if not _has_module("ensurepip"):
        wanted.append("python3-venv")
    if own_database and not any(Path("/").glob("usr/share/postgresql/*/extension/postgis.control")):
        wanted.append(_postgis_package())
    if shutil.which("osm2pgsql") is None:
        wanted.append("osm2pgsql")
    if group == "dev":
        if shutil.which("chromium") is None:
            wanted.append("chromium")
        if not any(Path("/usr/share/fonts").glob("**/NotoSansCJK*")):
            wanted.append("fonts-noto-cjk")
    return wanted


def _has_module(name: str) -> bool:
    return (
        subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode
        == 0
    )


def _postgis_package() -> str:
    if shutil.which("apt-cache") is None:
        return "PostgreSQL with PostGIS"
    for attempt in range(2):
        said = _output(["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"])
        names = [line.split()[0] for line in said.splitlines() if line]
        if names:
            return max(names, key=lambda name: int(name.split("-")[1]))
        if attempt == 0:
            _apt(["update"])
    return "postgresql-postgis"


def install_system(packages: Sequence[str]) -> None:
    """Install Debian packages, letting no database cluster be started that is not ours.

    Raises
    ------
    Missing : not Debian, or neither root nor passwordless sudo; says the exact command.
    """
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise Missing(
            f"These are missing here: {', '.join(packages)}. Install them with your system's packages."
        )
    if _sudo() is None:
        raise Missing(f"These are missing here: {', '.join(packages)}. As root run: {command}")
    if any(name.startswith("postgresql") for name in packages) and not _APT_CONF.exists():
        script = f"mkdir -p {_APT_CONF.parent} && echo 'create_main_cluster = false' > {_APT_CONF}"
        subprocess.run([*(_sudo() or []), "sh", "-c", script], check=True)
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        _apt(["update"])
    arguments = ["install", "-y", "--no-install-recommends", *packages]
    if not _apt(arguments):
        _apt(["update"])
        if not _apt(arguments):
            raise Missing(f"Debian's packages could not be installed. Try it by hand to see why: {command}")


def _sudo() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _apt(arguments: Sequence[str]) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [*(_sudo() or []), "apt-get", "-q", *arguments],
        env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def uv_of(home: Path) -> Path:
    """The package installer, made on first use in a small environment of its own."""
    uv = home / "uv/bin/uv"
    if not uv.exists():
        _run([sys.executable, "-m", "venv", "--clear", str(home / "uv")])
        _run([str(home / "uv/bin/python"), "-m", "pip", "install", "-q", UV])
    return uv


def make_environment(home: Path, group: str) -> None:
    """Install exactly the locked packages of `group`."""
    uv, env = str(uv_of(home)), home / f"env-{group}"
    if not (env / "bin/python").exists():
        _run([uv, "venv", "-q", "--python", sys.executable, str(env)])
    lock = str(ROOT / _LOCKS[group])
    _run([uv, "pip", "sync", "-q", "--require-hashes", "--python", str(env / "bin/python"), lock])


def install_osrm(home: Path) -> None:
    """Unpack OSRM's programs into the home."""
    _into(home, "osrm", _OSRM_LOCK, "--python-version", _OSRM_PYTHON)
    for program in (home / "osrm/osrm/bin").iterdir():
        program.chmod(0o755)


def install_node(home: Path) -> None:
    """Unpack a Node.js into the home, for the browser assets, where the machine has none."""
    _into(home, "node", _NODE_LOCK)


def _into(home: Path, name: str, lock: str, *more: str) -> None:
    target = home / name
    shutil.rmtree(target, ignore_errors=True)
    uv = str(uv_of(home))
    _run([uv, "pip", "install", "-q", "--no-deps", "--require-hashes", "--target", str(target),
          "--python", sys.executable, *more, "-r", str(ROOT / lock)])  # fmt: skip


def _run(command: Sequence[str]) -> None:
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1"}
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:]
        raise Missing(f"{Path(command[0]).name} {command[1]} did not succeed: {' '.join(last)}")


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home's set-up lock, so that two first uses at once do not tread on each other."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "setup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(home: Path, group: str) -> Path:
    """Bring everything that is missing. Returns the environment's Python.

    Raises
    ------
    Missing : something cannot be had; says what to do.
    """
    python, stamp = home / f"env-{group}/bin/python", home / f"env-{group}/carevan.stamp"
    wanted = stamp_of(group)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    with locked(home):
        packages = system_packages(group, own_database=not os.environ.get("CAREVAN_DATABASE_URL"))
        steps: list[tuple[str, Callable[[], None]]] = []
        if packages:
            steps.append((f"system packages: {', '.join(packages)}", lambda: install_system(packages)))
        steps.append(("Python packages", lambda: make_environment(home, group)))
        steps.append(("OSRM's programs", lambda: install_osrm(home)))
        if shutil.which("npm") is None:
            steps.append(("Node.js", lambda: install_node(home)))
        stages = Stages(len(steps), sys.stderr)
        for text, step in steps:
            with stages.stage(text):
                step()
        stamp.write_text(wanted)
    return python


def main() -> None:
    """The launcher's second half."""
    arguments = sys.argv[1:]
    home, group = home_of(arguments, os.environ), group_of(arguments)
    try:
        python = set_up(home, group)
    except Missing as why:
        sys.exit(f"carevan: {why}")
    except OSError as error:
        sys.exit(
            f"carevan: the home {home} cannot be written ({error.strerror}). Give another one with --home."
        )
    except KeyboardInterrupt:
        sys.exit(130)
    environ = {
        **os.environ,
        "CAREVAN_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        # Compiled code is kept in the home, where it may be written: starting takes half as long.
        "PYTHONPYCACHEPREFIX": str(home / "pycache"),
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execve(python, [str(python), "-P", "-m", "fleet.main", *arguments], environ)


if __name__ == "__main__":
    main()
