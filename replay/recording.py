"""A recorded track file, read record by record: CSV or GPX, plain or gzipped."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from fleet.errors import InvalidInput, NotFound
from replay import recording_csv, recording_gpx
from replay.entry import Entry, Reading

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 65_536
_BOM = b"\xef\xbb\xbf"


def read(path: Path, reading: Reading) -> Iterator[Entry]:
    """Read a file record by record; memory does not grow with a CSV's length.

    Raises
    ------
    NotFound : there is no such file.
    InvalidInput : it is no CSV or GPX, or its columns cannot be understood; the sentence says what to give.
    """
    if not path.is_file():
        raise NotFound("There is no file {path}.", path=path)
    name = vehicle_name(path)
    with open_plain(path) as file:
        head = _peek(file, path)
        if head.removeprefix(_BOM).lstrip()[:1] == b"<":
            yield from recording_gpx.read(file, reading, name)
        else:
            yield from recording_csv.read(file, head, reading, name)


def vehicle_name(path: Path) -> str:
    """The name of a file's only vehicle: the file's own, without its endings."""
    return path.name.removesuffix(".gz").rsplit(".", 1)[0]


@contextmanager
def open_plain(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file, unpacking gzip by its first bytes, not by its name."""
    with path.open("rb") as plain:
        if plain.peek(2)[:2] != _GZIP:
            yield plain
            return
        # A gzip stream is a raw reader in all but its declared type.
        with gzip.GzipFile(fileobj=plain) as packed:
            yield io.BufferedReader(cast(io.FileIO, packed))


def _peek(file: io.BufferedReader, path: Path) -> bytes:
    try:
        head = file.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput("The file {path} cannot be unpacked: {why}.", path=path.name, why=error) from None
    if not head.strip():
        raise InvalidInput("The file {path} is empty.", path=path.name)
    if b"\0" in head:
        raise InvalidInput(
            "The file {path} is no text. Give a CSV or GPX file, gzipped or not; unpack archives first.",
            path=path.name,
        )
    return head
