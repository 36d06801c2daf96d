"""map.html: the audit on a map, in one file that needs no network."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import jinja2
import pandas as pd
from branca.element import Element, MacroElement
from folium.template import Template

from gisgrid.audit import Audit
from gisgrid.crs.verdict import CrsStatus
from gisgrid.frames import FindingKind
from gisgrid.report.mapcontent import MapContent, finding_id, is_sliver
from gisgrid.report.naming import labels
from gisgrid.report.source_tables import uncovered_table
from gisgrid.report.tables import finding_table
from gisgrid.report.words import CRS_STATES, KINDS, REASONS, UNDETERMINED, area_words, length_words
from gisgrid.text import Lang, Text

Json = dict[str, Any]

MAX_LISTED: Final = 60
"""Rows of the panel's lists; the workbook has all."""

_PACKAGE = files("gisgrid.report")


def write_map(audit: Audit, file: Path, lang: Lang) -> None:
    """Write the offline map of an audit.

    One HTML file with everything in it: Leaflet and its style, the land, the
    findings on top, sources, legend and lists. What is too much for a browser is
    left out, and the page says so; see `gisgrid.report.mapcontent`.

    Parameters
    ----------
    audit : Audit
    file : Path
    lang : Lang
    """
    findings = finding_table(audit, lang)
    content = MapContent(audit, findings, lang)
    panel = _panel(audit, findings, content, lang)
    page = _page(panel, _title(audit, lang), lang)
    assert_self_contained(page)
    file.write_text(page, encoding="utf-8")


def _page(panel: str, title: str, lang: Lang) -> str:
    """The HTML that folium makes of an empty map and our own parts."""
    canvas = folium.Map(
        location=[0, 0], tiles=None, zoom_start=4, attribution_control=False, zoom_snap=0.25, max_zoom=22
    )
    canvas._id = "audit"  # else a random number: the same audit gives the same page
    # Set on this map only: folium's own lists are shared by every map of the process.
    canvas.default_js, canvas.default_css = [], []
    figure: Any = canvas.get_root()
    figure.title = escape(title)
    figure.header.add_child(_Verbatim(f"<style>{_leaflet_css()}</style>"), name="leaflet_css")
    figure.header.add_child(_Verbatim(f"<script>{_leaflet_js()}</script>"), name="leaflet_js")
    figure.html.add_child(_Verbatim(panel), name="panel")
    canvas.add_child(_Behaviour())
    # After folium's own styles, which it only adds while rendering.
    figure.html.add_child(_Verbatim(f"<style>{_resource('page/map.css')}</style>"), name="map_css")
    page: str = figure.render()
    language = "zh-CN" if lang is Lang.ZH else "en"
    page = page.replace("<html>", f'<html lang="{language}">', 1)
    return re.sub(r"<meta name=\"viewport\"[^>]*>", _VIEWPORT, page, count=1)


_VIEWPORT: Final = '<meta name="viewport" content="width=device-width, initial-scale=1">'
"""folium's own forbids zooming, which people with weak eyes need."""


class _Behaviour(MacroElement):
    """The script that fills folium's map."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.script }}"
        "auditMap({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Behaviour"
        self.script = _resource("page/map.js")


class _Verbatim(Element):
    """Text that goes into the page as it is; branca's own Element takes it for a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_kwargs: object) -> str:
        """The text."""
        return self._text


@cache
def _resource(name: str) -> str:
    return _PACKAGE.joinpath(name).read_text("utf-8")


def _leaflet_js() -> str:
    script = _resource("vendor/leaflet/leaflet.js").replace('href="https://leafletjs.com" ', "")
    return re.sub(r"//# sourceMappingURL=.*", "", script)


def _leaflet_css() -> str:
    """Without its pictures: our controls use words, and our markers are drawn."""
    return re.sub(r"url\([^)]*\)", "none", _resource("vendor/leaflet/leaflet.css"))


_RESOURCE: Final = re.compile(
    r"""<(?:script|img|iframe|link|source|audio|video|object|embed)\b[^>]*\b(?:src|href|data)\s*=(?!\s*["']?data:)"""
    r"""|\b(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|@import\b|(?<!\w)url\(\s*(?!["']?(?:data:|\#|none))""",
    re.IGNORECASE,
)


def assert_self_contained(page: str) -> None:
    """Make sure that the page asks for nothing outside itself.

    Raises
    ------
    ValueError
        If it would load a script, style, picture or font.
    """
    # Content is data: it is read as JSON and shown as text.
    code = re.sub(
        r'(<script type="application/json"[^>]*>).*?</script>', r"\1</script>", page, flags=re.DOTALL
    )
    found = _RESOURCE.search(code)
    if found is not None:
        raise ValueError(f"the map would load something: {found[0][:120]}")


def _title(audit: Audit, lang: Lang) -> str:
    coarsest = audit.grids[audit.grids["level"] == audit.grids["level"].min()]
    place = f"{labels(coarsest).iloc[0]} " if len(coarsest) == 1 else ""
    return place + Text(zh="网格覆盖审计", en="Grid coverage audit").of(lang)


def _panel(audit: Audit, findings: gpd.GeoDataFrame, content: MapContent, lang: Lang) -> str:
    """The lists and numbers beside the map, which are there without any script too."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    narrow = is_sliver(findings)
    wide = findings[~narrow].sort_values("area_m2", ascending=False, kind="stable")
    missing = uncovered_table(audit)
    undivided = [grid for coverage in audit.coverage for grid in coverage.undivided]
    names = labels(audit.grids)
    return environment.from_string(_resource("page/page.html.j2")).render(
        t=lambda zh, en: Text(zh=zh, en=en).of(lang),
        title=_title(audit, lang),
        indicative=_is_indicative(audit),
        cards=_cards(audit, findings, lang),
        has_sources=audit.sources is not None,
        findings=[_finding_row(row, lang) for row in wide.head(MAX_LISTED).itertuples()],
        more_findings=max(0, len(wide) - MAX_LISTED),
        slivers=_sliver_rows(findings[narrow], lang),
        uncovered=[_uncovered_row(row, lang) for row in missing.head(MAX_LISTED).itertuples()],
        uncovered_count=len(missing),
        undivided="、".join(str(names[grid]) for grid in undivided[:MAX_LISTED]),
        undivided_count=len(undivided),
        evidence=_evidence_rows(audit, lang),
        left_out=content.left_out,
        content=_json_in_html(content.json),
    )


def _json_in_html(value: Json) -> str:
    r"""JSON that no HTML parser can leave: < > & as \u003c and so on."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _is_indicative(audit: Audit) -> bool:
    """Whether the grids say of themselves that some outlines are derived."""
    return "indicative" in audit.grids.columns and bool(audit.grids["indicative"].fillna(False).any())


def _cards(audit: Audit, findings: gpd.GeoDataFrame, lang: Lang) -> list[Json]:
    def area(kind: FindingKind) -> float:
        return float(findings.loc[findings["kind"] == kind, "area_m2"].sum())

    def card(value: str, zh: str, en: str, tone: str) -> Json:
        number, _, unit = value.partition(" ")
        label = Text(zh=zh, en=en).of(lang)
        return {"value": number, "label": f"{unit} {label}".strip(), "tone": tone}

    gap, overlap = area(FindingKind.GAP), area(FindingKind.OVERLAP)
    astray = int(findings["kind"].isin([FindingKind.PROTRUSION, FindingKind.MISNESTED]).sum())
    cards = [
        card(area_words(gap) if gap else "0", "覆盖空白", "gaps", "gap" if gap else "ok"),
        card(area_words(overlap) if overlap else "0", "重叠", "overlaps", "overlap" if overlap else "ok"),
        card(f"{astray:,}", "处越界与错属", "astray", "bad" if astray else "ok"),
    ]
    if audit.sources is None:
        return [*cards, card(f"{len(audit.grids):,}", "个网格", "grids", "plain")]
    missing = len(audit.sources.uncovered)
    return [*cards, card(f"{missing:,}", "未覆盖污染源", "uncovered sources", "bad" if missing else "ok")]


def _finding_row(row: Any, lang: Lang) -> Json:
    return {
        "id": finding_id(row.child_lv, row.finding),
        "kind": row.kind,
        "kind_name": KINDS[FindingKind(row.kind)].name.of(lang),
        "place": row.place,
        "area": area_words(row.area_m2),
        "width": length_words(row.width_m),
        "sources": f"{row.sources:,}",
    }


def _sliver_rows(slivers: gpd.GeoDataFrame, lang: Lang) -> list[Json]:
    return [
        {
            "kind": str(kind),
            "kind_name": look.name.of(lang),
            "count": f"{len(rows):,}",
            "area": area_words(rows["area_m2"].sum()),
            "width": length_words(rows["width_m"].max()),
            "sources": f"{rows['sources'].sum():,}",
        }
        for kind, look in KINDS.items()
        if len(rows := slivers[slivers["kind"] == kind])
    ]


def _uncovered_row(row: Any, lang: Lang) -> Json:
    why = REASONS[row.reason].of(lang) if row.reason in REASONS else str(row.reason)
    near = "" if pd.isna(row.near_name) else row.near_name
    distance = "" if pd.isna(row.distance_m) else length_words(row.distance_m)
    beside = Text(zh=f"{why}，距{near} {distance}", en=f"{why}, {distance} from {near}").of(lang)
    return {
        "name": next((each for each in (row.name, row.id) if isinstance(each, str)), f"#{row.source}"),
        "letter": ""
        if row.class_abc == UNDETERMINED
        else Text(zh=f"{row.class_abc} 类", en=f"class {row.class_abc}").of(lang),
        "why": beside if near else why,
        "at": f"{round(row.lat, 6)},{round(row.lon, 6)}",
    }


def _evidence_rows(audit: Audit, lang: Lang) -> list[Json]:
    return [
        {
            "file": file,
            "crs": verdict.crs or "",
            "status": CRS_STATES[verdict.status].of(lang),
            "warn": verdict.status in {CrsStatus.BY_FORMAT, CrsStatus.UNRESOLVED},
        }
        for file, verdict in audit.evidence
    ]
