"""map.html: the audit on a map, in one file that needs no network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import jinja2
import pandas as pd

from gisgrid.audit import Audit
from gisgrid.crs.verdict import CrsStatus
from gisgrid.frames import FindingKind
from gisgrid.report.mapcontent import MapContent, finding_id, is_sliver
from gisgrid.report.naming import labels
from gisgrid.report.offline_page import json_in_html, offline_page
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
    page = offline_page(
        panel,
        title=_title(audit, lang),
        name="audit",
        style=_resource("page/map.css"),
        script=_resource("page/map.js"),
        call="auditMap",
        lang=lang,
    )
    file.write_text(page, encoding="utf-8")


@cache
def _resource(name: str) -> str:
    return _PACKAGE.joinpath(name).read_text("utf-8")


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
        content=json_in_html(content.json),
    )


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
