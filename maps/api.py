"""Everything of `maps` that a browser can ask for, put together for `fleet.main`."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from fleet.context import Context
from fleet.words import LOCALES
from maps import (
    alerts_page,
    charts_page,
    compare_page,
    day_page,
    document_page,
    login,
    notice_page,
    phones_page,
    plan_page,
    platform,
    provider_page,
    provider_tiles,
    render,
    replay_page,
    rules_page,
    runsheet_page,
    season_page,
    share,
    shares_page,
    terminal,
    terminals_page,
    tiles,
    van_page,
    visits_page,
)
from maps.guests import Guests
from maps.pages import STATIC_DIR, environment, said_by_scripts


class _Files(StaticFiles):
    """Files that a browser keeps but asks about: an update is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response


def mount(app: FastAPI) -> None:
    """Give an application our pages, their data and their files; its context is already set."""
    context: Context = app.state.context
    # Once, before anybody waits: what is read from files and stays.
    render.localise()
    for locale in LOCALES:
        environment(locale)
        said_by_scripts(locale)
    app.state.guests = Guests(context)
    for part in (
        login,
        platform,
        plan_page,
        compare_page,
        runsheet_page,
        notice_page,
        phones_page,
        day_page,
        document_page,
        charts_page,
        van_page,
        alerts_page,
        replay_page,
        share,
        shares_page,
        terminal,
        terminals_page,
        tiles,
        provider_tiles,
        provider_page,
        visits_page,
        season_page,
        rules_page,
    ):
        app.include_router(part.router)
    app.mount("/static", _Files(directory=STATIC_DIR), name="static")
    app.mount("/vendor", _Files(directory=context.settings.vendor_dir, check_dir=False), name="vendor")
