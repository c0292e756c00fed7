"""A private PostgreSQL cluster with PostGIS: unix socket only, no password, nobody else's."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from fleet.errors import Unavailable

ADMIN = "carevan_admin"
"""Makes extensions and roles at set-up; the product itself runs as `APP`, which is no superuser."""
APP = "carevan"
DATABASE = "carevan"
_BIN_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_SERVANT = "postgres"
_SOCKET_LIMIT = 107
_MOST_WAL_MB = 2_000
_LEAST_WAL_MB = 48
_START_NEEDS_B = 32 << 20
_PATIENCE_S = 30.0
_CONF = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
shared_buffers = '256MB'
max_connections = 100
jit = off
fsync = on
synchronous_commit = on
max_wal_size = '{wal_mb}MB'
min_wal_size = '32MB'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
"""


def find_binaries() -> Path:
    """The newest PostgreSQL on this machine that has PostGIS.

    Raises
    ------
    Unavailable : there is none; says what to install.
    """
    found = {Path(os.path.realpath(p)) for pattern in _BIN_FOLDERS for p in Path("/").glob(pattern[1:])}
    if on_path := shutil.which("initdb"):
        found.add(Path(os.path.realpath(on_path)).parent)
    fit = [
        p for p in found if all(os.access(p / tool, os.X_OK) for tool in ("initdb", "pg_ctl", "pg_config"))
    ]
    fit = [p for p in fit if (_share(p) / "extension/postgis.control").exists()]
    if not fit:
        raise Unavailable(
            "No PostgreSQL with PostGIS was found. Install it "
            "(Debian: apt-get install postgresql-15-postgis-3), "
            "or set CAREVAN_DATABASE_URL to a server that has it."
        )
    return max(fit, key=lambda p: [int(d) for d in re.findall(r"\d+", str(p))] or [0])


def _share(binaries: Path) -> Path:
    said = subprocess.run([binaries / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    return Path(said.stdout.strip() or "/nonexistent")


class Cluster:
    """The cluster in one folder; as root it runs as `postgres`, since PostgreSQL refuses root.

    Parameters
    ----------
    folder : where data, socket and log live; as root not below root's own home
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgresql.log"
        self.socket = self.folder / "socket"
        if len(str(self.socket / ".s.PGSQL.5432.lock").encode()) > _SOCKET_LIMIT:
            digest = hashlib.sha256(str(self.socket).encode()).hexdigest()[:12]
            self.socket = Path(tempfile.gettempdir()) / f"carevan-{os.geteuid()}-{digest}"

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The database's address for `role`."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}"

    def up(self) -> None:
        """Make the cluster if it is new, and start it if it is down.

        Raises
        ------
        Unavailable : PostgreSQL is missing or does not start; names its log.
        """
        binaries = find_binaries()
        try:
            for folder in (self.folder, self.socket):
                self._own(folder)
            self._check_reach()
            if not (self.data / "PG_VERSION").exists():
                self._make(binaries)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise self._full() from None
            raise Unavailable(
                "The database's folder {folder} cannot be used ({why}). Choose another home with --home.",
                folder=self.folder, why=error.strerror,
            ) from None  # fmt: skip
        self._start(binaries)

    def running(self) -> bool:
        """Whether a postmaster holds the data folder."""
        done = self._run(find_binaries() / "pg_ctl", "-D", self.data, "status")
        return done.returncode == 0

    def pid(self) -> int | None:
        """The postmaster's process id, when there is one."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return None

    def down(self, mode: str = "fast") -> None:
        """Stop it (`fast`, `smart` or `immediate`); no harm when it is down."""
        self._run(find_binaries() / "pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def wipe(self) -> None:
        """Stop it and delete all of it."""
        self.down("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)

    def _make(self, binaries: Path) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted initdb left
        done = self._run(
            binaries / "initdb", "-D", self.data, "-U", ADMIN, "-A", "peer", "-E", "UTF8",
            "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        if done.returncode:
            if os.strerror(errno.ENOSPC) in done.stdout:
                raise self._full()
            raise Unavailable(
                "The database could not be made in {folder}: {why}", folder=self.folder, why=_last(done)
            )
        users = sorted({pwd.getpwuid(os.geteuid()).pw_name, self._user().pw_name})
        idents = "".join(f"carevan {user} {role}\n" for user in users for role in (ADMIN, APP))
        self._write("pg_ident.conf", idents)
        self._write("pg_hba.conf", "local all all peer map=carevan\n")
        conf = (self.data / "postgresql.conf").read_text()
        # The log of changes may take an eighth of the disk: on a small one the rest is wanted for the data.
        eighth_mb = shutil.disk_usage(self.folder).free // 8_000_000
        wal_mb = min(_MOST_WAL_MB, max(_LEAST_WAL_MB, eighth_mb))
        self._write("postgresql.conf", conf + _CONF.format(socket=self.socket, wal_mb=wal_mb))

    def _start(self, binaries: Path) -> None:
        # A postmaster killed a moment ago may still be listed, and a busy backend of it may hold the shared
        # memory for a while: look and try again, and never touch the pid file.
        until = time.monotonic() + _PATIENCE_S
        while not (self.running() and self.answers()):
            if not self.running():
                self._run(binaries / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.log, "start")
                if not self.running() and shutil.disk_usage(self.folder).free < _START_NEEDS_B:
                    raise self._full()
            if time.monotonic() > until:
                raise Unavailable("The database does not start; its log is {log}.", log=self.log)
            time.sleep(0.05)

    def _full(self) -> Unavailable:
        return Unavailable(
            "The disk of {folder} is full, so that the database cannot run. Free some space; "
            "nothing acknowledged is lost, and it starts again by itself.",
            folder=self.folder,
        )

    def _check_reach(self) -> None:
        """Raise where we are root and the user whom PostgreSQL runs as cannot enter."""
        if os.geteuid() == 0 and self._run("test", "-w", self.folder).returncode:
            raise Unavailable(
                "PostgreSQL runs as user {user} here, and {user} cannot enter {folder}. Choose another home "
                "with --home, such as /var/lib/carevan, or make the folders above it enterable (chmod o+x).",
                user=_SERVANT, folder=self.folder,
            )  # fmt: skip

    def answers(self) -> bool:
        """Whether somebody listens on its socket."""
        with socket.socket(socket.AF_UNIX) as door, contextlib.suppress(OSError):
            door.settimeout(1.0)
            door.connect(str(self.socket / ".s.PGSQL.5432"))
            return True
        return False

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, self._user().pw_uid, self._user().pw_gid)

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, self._user().pw_uid, self._user().pw_gid)

    @staticmethod
    def _user() -> pwd.struct_passwd:
        return pwd.getpwnam(_SERVANT) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return run_as(self._user(), [str(part) for part in command], self.folder)


def run_as(user: pwd.struct_passwd, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as `user` when we are root, out of reach of the terminal's Ctrl-C."""
    root = os.geteuid() == 0
    with tempfile.TemporaryFile("w+") as said:
        # A file, not a pipe: the postmaster inherits it and would keep a pipe open for ever.
        done = subprocess.run(
            list(command),
            cwd=folder if folder.exists() else "/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            check=False,
            user=user.pw_uid if root else None,
            group=user.pw_gid if root else None,
            extra_groups=[] if root else None,
            umask=0o077,
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit {done.returncode}"
