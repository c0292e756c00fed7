"""Errors become HTTP here, once: a sentence in the asker's language, and nothing else."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from fleet.db import translate_errors
from fleet.errors import (
    Conflict,
    FleetError,
    Forbidden,
    InvalidInput,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from fleet.main import validation
from fleet.words import translate
from maps import pages

_STATUS: tuple[tuple[type[FleetError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (InvalidInput, 422),
    (Forbidden, 403),
    (Unauthenticated, 401),
    (TooMany, 429),
    (Unavailable, 503),
)
log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Give the application its error handlers."""
    app.add_exception_handler(FleetError, _fleet_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(Exception, _unforeseen)


def answer(request: Request, error: FleetError, status: int | None = None) -> Response:
    """The response to an error: a page for a person, JSON for a program."""
    if status is None:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    locale = pages.locale_of(request)
    sentence = translate(locale, error.text, **error.params)
    if not _wants_page(request):
        field = {"field": error.field} if error.field else {}
        return JSONResponse({"error": sentence, **field}, status)
    if isinstance(error, Unauthenticated):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    return pages.error_page(request, status, sentence)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


async def _fleet_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FleetError)
    return answer(request, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, validation.refusal(error.errors()[0]))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.headers and error.headers.get("location"):
        return Response(status_code=error.status_code, headers=error.headers)
    if error.status_code == 404:
        return answer(request, NotFound("There is no page {path}. Check the address.", path=request.url.path))
    told = InvalidInput("This address cannot be asked that way ({code}).", code=error.status_code)
    return answer(request, told, error.status_code)


def _route(request: Request) -> str:
    """What was asked, without what the address itself holds: some paths are secrets."""
    return str(getattr(request.scope.get("route"), "path", ""))


async def _database_away(request: Request, error: Exception) -> Response:
    """No mistake of ours: no stack trace, and the sentence says that it passes."""
    log.warning("a request found no database", route=_route(request))
    try:
        with translate_errors():
            raise error
    except FleetError as told:
        return answer(request, told)


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("request failed", route=_route(request), error=type(error).__name__, exc_info=error)
    return answer(
        request, Unavailable("Something went wrong on our side. It was noted; try again in a moment.")
    )
