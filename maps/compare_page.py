"""The page of two or three plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.errors import InvalidInput
from fleet.session import Principal, require
from fleet.words import Locale, translate
from maps import compare, render, scene, sheet
from maps.naming import named
from maps.pages import Page, locale_of, respond, theme_of
from maps.scene import Look, Scene
from maps.sheet import Sheet

router = APIRouter()


@router.get("/plan/compare")
def compare_page(
    request: Request,
    plans: str,
    who: Principal = Depends(require("viewer")),
    context: Context = Depends(get_context),
) -> Response:
    """The page; `?plans=12,15` names them."""
    locale = locale_of(request)
    with context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        sheets = [sheet.read_sheet(conn, who.district_id, plan_id) for plan_id in _ids(plans)]
        beats = registry.beats(conn, who.district_id)
    _one_day(sheets)
    zone = ZoneInfo(district.timezone)
    names = _distinct([_name(each, zone, locale) for each in sheets], sheets)
    drawn = compare.drawn_plans(sheets, names)
    points = [point for each in drawn for route in each.routes for point in route.points]
    what = Scene(
        centre=(district.lon, district.lat),
        beats=tuple(scene.Beat(b.id, named(b.name, b.name_en, locale), b.polygons) for b in beats),
        plans=drawn,
        bounds=scene.bounds_of(points),
    )
    layers = tuple(f"plan{n}" for n in range(len(drawn)))
    look = Look(locale, theme_of(request), ("beats", *layers), choices=tuple(zip(layers, names, strict=True)))
    best = compare.better_of(sheets)
    values = {
        "district": named(district.name, district.name_en, locale),
        "day": sheets[0].version.day.isoformat(),
        "plans": [
            {"id": each.version.id, "name": name, "n": n, "best": n == best, "unserved": len(each.unserved)}
            for n, (each, name) in enumerate(zip(sheets, names, strict=True))
        ],
        "levels": compare.level_rows(sheets, locale),
        "vans": compare.van_rows(sheets, locale),
        "zone": zone,
    }
    return respond(request, Page("compare.html", values, render.draw(what, look), who))


def _ids(text: str) -> list[int]:
    parts = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not 2 <= len(parts) <= compare.MOST or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidInput(
            "The plans {plans} cannot be compared. Choose two or three plans of one day.", plans=text
        )
    return [int(part) for part in parts]


def _one_day(sheets: Sequence[Sheet]) -> None:
    days = {each.version.day for each in sheets}
    if len(days) > 1:
        raise InvalidInput(
            "The plans are of different days ({days}). Choose two or three plans of one day.",
            days=", ".join(day.isoformat() for day in sorted(days)),
        )


def _distinct(names: Sequence[str], sheets: Sequence[Sheet]) -> list[str]:
    """Names that tell the plans apart: of equal ones each gets its number."""
    return [
        f"{name} #{each.version.id}" if names.count(name) > 1 else name
        for name, each in zip(names, sheets, strict=True)
    ]


def _name(each: Sheet, zone: ZoneInfo, locale: Locale) -> str:
    if each.version.name:
        return each.version.name
    if each.version.version is not None:
        return translate(locale, "version {n}", n=each.version.version)
    return translate(locale, "draft {time}", time=f"{each.version.created_at.astimezone(zone):%H:%M}")
