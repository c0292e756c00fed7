"""Other services' tiles, kept for a while: the last ones in memory, more of them on disk, both bounded."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MEMORY_BYTES: Final = 32 << 20
_AROUND_BYTES: Final = 300
Key = tuple[str, int, int, int, int]
"""Which service in which edition, layer, zoom, column, row."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A tile and when it was fetched, wall seconds."""

    body: bytes
    at_s: float


class Larder:
    """Safe between threads; several processes may share the disk's part, each keeps the bound.

    Parameters
    ----------
    folder : made on first use
    disk_bytes, memory_bytes : the most that is kept; the disk's bound is passed by a sixteenth at most
    """

    def __init__(self, folder: Path, disk_bytes: int, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._folder = folder
        self._disk_bytes = disk_bytes
        self._memory_bytes = memory_bytes
        self._held_bytes = 0
        self._written_bytes = disk_bytes  # as if full: the first write counts what stands there
        self._memory: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def at_hand(self, key: Key, after_s: float) -> Kept | None:
        """The tile out of memory, if it was fetched after a wall time."""
        with self._lock:
            found = self._memory.get(key)
            if found is None or found.at_s < after_s:
                return None
            self._memory.move_to_end(key)
            return found

    def get(self, key: Key, after_s: float) -> Kept | None:
        """The tile out of memory or from disk, if it was fetched after a wall time. Reads a file."""
        found = self.at_hand(key, after_s)
        if found is not None:
            return found
        path = self._path(key)
        try:
            with path.open("rb") as file:
                kept = Kept(file.read(), os.fstat(file.fileno()).st_mtime)
        except OSError:
            return None
        if kept.at_s < after_s:
            path.unlink(missing_ok=True)
            return None
        self._remember(key, kept)
        return kept

    def put(self, key: Key, body: bytes) -> Kept:
        """Keep a tile that was fetched now. A full or broken disk keeps nothing and breaks nothing."""
        kept = Kept(body, time.time())
        self._remember(key, kept)
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_bytes(body)
            draft.replace(path)
        except OSError:
            return kept
        with self._lock:
            self._written_bytes += len(body)
            full = self._written_bytes > self._disk_bytes // 16
            if full:
                self._written_bytes = 0
        if full:
            self.sweep()
        return kept

    def sweep(self) -> None:
        """Delete the oldest files until seven eighths of the bound are left."""
        files = []
        for path in self._folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:
                continue  # another process deleted it
            if path.is_file():
                files.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in files)
        if total <= self._disk_bytes:
            return
        for _, size, path in sorted(files):
            path.unlink(missing_ok=True)
            total -= size
            if total <= self._disk_bytes * 7 // 8:
                return

    def _remember(self, key: Key, kept: Kept) -> None:
        with self._lock:
            before = self._memory.pop(key, None)
            self._held_bytes += _weight(kept) - (_weight(before) if before else 0)
            self._memory[key] = kept
            while self._held_bytes > self._memory_bytes:
                self._held_bytes -= _weight(self._memory.popitem(last=False)[1])

    def _path(self, key: Key) -> Path:
        edition, layer, z, x, y = key
        return self._folder / edition / str(z) / f"{x}-{y}-{layer}"


def _weight(kept: Kept) -> int:
    return len(kept.body) + _AROUND_BYTES
