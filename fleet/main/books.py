"""Which books are kept of a van's day whenever it is proved again, all in one transaction."""

from __future__ import annotations

from typing import Final

from fleet.main.alarming import keep_alerts
from fleet.main.bookkeeping import Book, keep_van_day
from fleet.main.evidence_book import keep_evidence

BOOKS: Final[tuple[Book, ...]] = (keep_van_day, keep_evidence, keep_alerts)
"""Alerts come last: for them a district's other writers of alerts have to wait."""
