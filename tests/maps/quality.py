"""What every page of ours must be: readable by a screen reader, of enough contrast, in one language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# WCAG 2.2 A and AA: contrast of 4.5:1 among them.
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_GRAVE = frozenset({"serious", "critical"})

# Everything that a person can see, hear or be shown by pointing.
_SAID = """() => {
  const said = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const foreign = (node) => node.closest("[lang]") !== document.documentElement;
  const shown = (node) => node.checkVisibility({visibilityProperty: true}) || node.closest("option");
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT"].includes(parent.tagName)
        && shown(parent) && !foreign(parent)) said.push(node.textContent.trim());
  }
  for (const node of document.body.querySelectorAll("*")) {
    if (foreign(node)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description", "aria-valuetext"])
      if (node.hasAttribute(name)) said.push(node.getAttribute(name).trim());
  }
  said.push(document.title);
  return [...new Set(said)].filter(Boolean);
}"""

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z]+")
# What is the same in both languages: names, units, formats, and codes with a digit.
_COMMON = frozenset(
    (
        *(
            "CareVan",
            "SOS",
            "GPS",
            "GPX",
            "CSV",
            "JSON",
            "GeoJSON",
            "GEOJSON",
            "XLSX",
            "Excel",
            "XYZ",
            "Parquet",
            "VROOM",
            "OSRM",
            "JT",
        ),
        *(
            "OpenStreetMap",
            "PostGIS",
            "Leaflet",
            "km",
            "km/h",
            "Enter",
            "Esc",
            "Tab",
            "Delete",
            "Ctrl",
            "Shift",
        ),
    )
)
# A command to be typed stands in quotation marks.
_CODE = re.compile(r"“carevan[^”]*”|\b[\w:/.#-]*\d[\w:/.#-]*|\bhttps?://\S+|\b[\w-]+=\S*")


_CUT_HINTS = """() => [...document.querySelectorAll("input[placeholder]")].filter((field) => {
  const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return field.offsetParent && pen.measureText(field.placeholder).width > room;
}).map((field) => field.placeholder)"""


def grave(page: Page) -> list[str]:
    """The serious and critical findings of axe-core on a page as it stands, each with its element."""
    found = Axe().run(page, options={"runOnly": list(_RULES), "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['html'][:160]} ({_why(node)})"
        for each in found.response["violations"]
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    said = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return "; ".join(said)[:200]


def said(page: Page) -> Sequence[str]:
    """Every sentence and name that a page shows or tells; of elements in another language, none."""
    told: list[str] = page.evaluate(_SAID)
    return told


def cut_hints(page: Page) -> list[str]:
    """The hints of empty fields for which their field has no room."""
    found: list[str] = page.evaluate(_CUT_HINTS)
    return found


def untranslated(sentences: Iterable[str], locale: str, names: Iterable[str] = ()) -> list[str]:
    """The sentences that are not in a page's language.

    Parameters
    ----------
    sentences : of one page
    locale : "zh" or "en"
    names : words of the data, which are as they are
    """
    strange = _CHINESE if locale == "en" else _LATIN
    return [each for each in sentences if strange.search(_bare(each, names))]


def _bare(sentence: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        sentence = sentence.replace(name, " ")
    sentence = _CODE.sub(" ", sentence)
    return " ".join(word for word in re.split(r"[^\w/\u3400-\u9fff]+", sentence) if word not in _COMMON)


def told(findings: Iterable[str]) -> str:
    """Findings as a test's message shows them."""
    return json.dumps(sorted(findings), ensure_ascii=False, indent=1)
