"""Logs: one JSON object a line, our own and the libraries' alike, without positions, names or secrets."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType

import structlog
from structlog.typing import Processor

from fleet.main.discretion import discreet
from fleet.words import locale_of_environment, translate


def configure(home: Path) -> None:
    """Send our own and the libraries' logs to standard error, and stack traces into the home."""
    _keep_mistakes(home)
    begin: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    end: list[Processor] = [discreet, structlog.processors.JSONRenderer(ensure_ascii=False)]
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*begin, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])
    structlog.configure(
        processors=[*begin, *end],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _keep_mistakes(home: Path) -> None:
    """Our own mistakes are kept for whoever mends them; the person gets a sentence."""

    def keep(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        sys.stderr.write(f"carevan: {keep_mistake(home, error)}\n")

    sys.excepthook = keep


def keep_mistake(home: Path, error: BaseException) -> str:
    """Write a mistake of ours into the home's `logs/errors.log`; what to tell the person."""
    elsewhere = Path(tempfile.gettempdir()) / f"carevan-errors-{os.geteuid()}.log"
    for path in (home / "logs/errors.log", elsewhere):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                traceback.print_exception(error, file=file)
        except OSError:
            continue
        return translate(
            locale_of_environment(os.environ),
            "This went wrong on our side; what happened is in {path}. Nothing acknowledged is lost.",
            path=path,
        )
    return str(error)
