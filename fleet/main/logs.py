"""Logs: one JSON object a line, without positions, names or secrets."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

import structlog


def configure(home: Path) -> None:
    """Send our own and the libraries' logs to standard error, and stack traces into the home."""
    _keep_mistakes(home)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _keep_mistakes(home: Path) -> None:
    """Our own mistakes are kept for whoever mends them; the person gets a sentence."""

    def keep(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        path = home / "logs/errors.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            traceback.print_exception(kind, error, trace, file=file)
        sentence = f"this went wrong on our side; what happened is in {path}. Nothing acknowledged is lost."
        sys.stderr.write(f"carevan: {sentence}\n")

    sys.excepthook = keep
