"""A plan as an Excel workbook: a summary, a sheet a van, what is unserved.

The only module that knows xlsxwriter. Rows are written to temporary files as
they come and never held, however large the plan.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from routing.sheaf import LEVELS, Line, Sheaf
from routing.stored import RouteRow

HEADERS: Final = (
    ("No.", 5),
    ("Kind", 10),
    ("Arrives", 9),
    ("Begins", 9),
    ("Leaves", 9),
    ("Window", 13),
    ("Place", 34),
    ("Whom", 10),
    ("Portions", 30),
    ("Flags", 14),
    ("Notes", 34),
)
_CHUNK = 1 << 16
_FORBIDDEN = str.maketrans("[]:*?/\\", "       ")
"""What no sheet's name may hold."""


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The workbook in pieces; its temporary folder is gone when the last is taken or nobody takes more."""
    with tempfile.TemporaryDirectory(prefix="carevan-plan-") as folder:
        path = Path(folder) / "plan.xlsx"
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(path, options) as book:
            _Binder(sheaf, book).bind()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


class _Binder:
    """Writes the sheets, each from its first row to its last."""

    def __init__(self, sheaf: Sheaf, book: Any) -> None:
        self.sheaf, self.book = sheaf, book
        self.bold = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.clock = book.add_format({"num_format": "hh:mm", "align": "center"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.flag = book.add_format({"bold": True, "font_color": "#B00020"})
        self.names: set[str] = set()

    def bind(self) -> None:
        say = self.sheaf.say
        book_properties = {"title": self.sheaf.title, "comments": self.sheaf.status()}
        self.book.set_properties(book_properties)
        self.summary(self.sheet(say("Summary")))
        for route in self.sheaf.routes:
            self.van(self.sheet(self.sheaf.van_name(route.van_id)), route)
        if self.sheaf.unserved:
            self.unserved(self.sheet(say("Unserved")))

    def sheet(self, name: str) -> Any:
        """A new sheet; names are unique, whatever their case, and at most 31 signs long."""
        plain = name.translate(_FORBIDDEN).strip(" '")[:28] or "-"
        n, free = 1, plain
        while free.lower() in self.names:
            n += 1
            free = f"{plain} {n}"
        self.names.add(free.lower())
        return self.book.add_worksheet(free)

    def heads(self, sheet: Any, row: int, heads: Sequence[tuple[str, int]]) -> None:
        for column, (head, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(row, column, self.sheaf.say(head), self.bold)

    def summary(self, sheet: Any) -> None:
        sheaf, plan = self.sheaf, self.sheaf.plan
        sheet.write_string(0, 0, sheaf.title, self.title)
        basis = "by road times" if plan.basis == "road" else "by straight line, estimated"
        sheet.write_string(1, 0, f"{sheaf.status()} · {sheaf.say(basis)}")
        heads = (("Van", 26), ("Leaves", 10), ("Back", 10), ("Calls", 8), ("Patrol, min", 12),
                 ("Driving, min", 12), ("Driving, km", 12))  # fmt: skip
        self.heads(sheet, 3, heads)
        for row, route in enumerate(sheaf.routes, start=4):
            self.summary_row(sheet, row, route)
        top = 5 + len(sheaf.routes)
        sheet.write_string(top, 0, sheaf.say("Levels of the plan"), self.bold)
        figures = [(LEVELS.get(key, key), value) for key, value in plan.levels.items()]
        for row, (name, value) in enumerate([*figures, ("Unserved", plan.unserved)], start=top + 1):
            sheet.write_string(row, 0, sheaf.say(name))
            sheet.write_number(row, 1, value)

    def summary_row(self, sheet: Any, row: int, route: RouteRow) -> None:
        calls = sum(s.van_id == route.van_id and s.kind in ("visit", "dropoff") for s in self.sheaf.stops)
        sheet.write_string(row, 0, self.sheaf.van_name(route.van_id))
        self.time(sheet, row, 1, route.starts)
        self.time(sheet, row, 2, route.ends)
        sheet.write_number(row, 3, calls)
        sheet.write_number(row, 4, route.patrol_s // 60)
        sheet.write_number(row, 5, route.drive_s // 60)
        sheet.write_number(row, 6, round(route.drive_m / 1000, 1))

    def time(self, sheet: Any, row: int, column: int, moment: datetime) -> None:
        local = moment.astimezone(self.sheaf.zone).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, self.clock)

    def van(self, sheet: Any, route: RouteRow) -> None:
        patrol = self.sheaf.say("Patrol {minutes} min", minutes=route.patrol_s // 60)
        name = self.sheaf.van_name(route.van_id)
        sheet.write_string(0, 0, f"{self.sheaf.title} · {name} · {patrol}", self.title)
        self.heads(sheet, 2, HEADERS)
        sheet.freeze_panes(3, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        for row, line in enumerate(self.sheaf.lines(route.van_id), start=3):
            self.stop(sheet, row, line)

    def stop(self, sheet: Any, row: int, line: Line) -> None:
        window = "–".join(f"{each:%H:%M}" for each in line.window) if line.window else ""
        sheet.write_number(row, 0, line.seq)
        sheet.write_string(row, 1, line.what)
        for column, moment in enumerate((line.arrives, line.begins, line.leaves), start=2):
            self.time(sheet, row, column, moment)
        sheet.write_string(row, 5, window)
        sheet.write_string(row, 6, line.place, self.wrap)
        sheet.write_string(row, 7, line.who)
        sheet.write_string(row, 8, "; ".join(f"{item} {cups}" for item, cups in line.portions), self.wrap)
        sheet.write_string(row, 9, "; ".join(line.flags), self.flag)
        sheet.write_string(row, 10, "; ".join(line.notes), self.wrap)

    def unserved(self, sheet: Any) -> None:
        self.heads(sheet, 0, (("Place", 34), ("Whom", 10), ("Mandatory", 10), ("Why", 90)))
        for row, left in enumerate(self.sheaf.left(), start=1):
            sheet.write_string(row, 0, left.place)
            sheet.write_string(row, 1, left.who)
            sheet.write_string(row, 2, self.sheaf.say("yes") if left.mandatory else "")
            sheet.write_string(row, 3, "\n".join(left.reasons), self.wrap)
