"""audit.json: what other programs may rely on.

The structure is fixed by `audit.schema.json`, which ships beside this module.
It does not depend on the language of the reports: short reasons are one string
with the Chinese first and the English after it, longer texts are `{"zh", "en"}`.
What was not given (sources, receptors) is present with zeros, and its file is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from itertools import chain
from typing import Any

from gisgrid.audit import Audit, FileReport, LevelReport, SourceReport, SurroundingsReport
from gisgrid.crs.verdict import Verdict
from gisgrid.frames import FindingKind, Location, Rejected, SizeClass
from gisgrid.ingest.table import Mended
from gisgrid.spatial.coverage import Coverage
from gisgrid.text import Text

Json = dict[str, Any]

SCHEMA_VERSION = "1.0"
"""Grows in its first part when something that programs rely on changes or goes away."""

_PLURAL = {
    FindingKind.GAP: "gaps",
    FindingKind.OVERLAP: "overlaps",
    FindingKind.PROTRUSION: "protrusions",
    FindingKind.MISNESTED: "misnested",
}


def schema() -> Json:
    """The JSON Schema (2020-12) that every audit.json satisfies."""
    found: Json = json.loads(files("gisgrid.report").joinpath("audit.schema.json").read_text("utf-8"))
    return found


def summary(audit: Audit) -> Json:
    """Sum an audit up in plain numbers and strings.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    dict
        Valid against `schema`; areas in m², lengths in m. Counts and areas are
        of findings that survive the noise filters, noise is counted in
        `by_class` only.
    """
    return {
        "schema": SCHEMA_VERSION,
        "levels": [_level(level, audit) for level in audit.levels],
        "coverage": [_coverage(coverage, audit) for coverage in audit.coverage],
        "sources": _sources(audit.sources, audit.levels),
        "surroundings": _surroundings(audit.surroundings),
        "crs": _crs(audit),
        "files": [_file(role, report) for role, report in input_files(audit)],
    }


def dumps(audit: Audit) -> str:
    """`summary` as the text of audit.json."""
    return json.dumps(summary(audit), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def input_files(audit: Audit) -> list[tuple[str, FileReport]]:
    """Every input file once, with its role: "grids", "sources" or "receptors"."""
    found = [("grids", report) for report in level_files(audit.levels)]
    if audit.sources is not None:
        found.append(("sources", audit.sources.source))
    if audit.surroundings is not None:
        found.append(("receptors", audit.surroundings.source))
    return found


def level_files(levels: Iterable[LevelReport]) -> list[FileReport]:
    """The files that the levels were read from; one that holds several levels counts once."""
    found: list[FileReport] = []
    shared: set[str] = set()
    for level in levels:
        if level.label is not None and level.source.file in shared:
            continue
        if level.label is not None:
            shared.add(level.source.file)
        found.append(level.source)
    return found


def _rounded(value: float) -> float:
    return round(float(value), 2)


def _both(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _invalid(level: LevelReport, audit: Audit) -> int:
    """Mended rows of a level; its grids know their rows where one file holds several levels."""
    mended = level.source.mended
    if level.label is None or "rows" not in audit.grids.columns:
        return len(mended)
    rows = set(chain.from_iterable(audit.grids.loc[audit.grids["level"] == level.level, "rows"]))
    return sum(each.row in rows for each in mended)


def _level(level: LevelReport, audit: Audit) -> Json:
    return {
        "level": level.level,
        "label": level.label,
        "file": level.source.file,
        "grids": level.grids,
        "parts": level.parts,
        "area_m2": _rounded(level.area_m2),
        "invalid": _invalid(level, audit),
        "rejected": len(level.source.rejected),
        "duplicate_codes": list(level.duplicate_codes),
        "code_mismatches": len(level.code_mismatches),
        "unknown_parents": len(level.unknown_parents),
    }


def _coverage(coverage: Coverage, audit: Audit) -> Json:
    mismatches = coverage.edge_mismatches
    undivided = audit.grids.loc[list(coverage.undivided)]
    return {
        "parent_level": coverage.parent_level,
        "child_level": coverage.child_level,
        "edge_matched": bool(coverage.edge_matched),
        "edge_mismatches": {"count": len(mismatches), "length_m": _rounded(mismatches["length_m"].sum())},
        "undivided": len(coverage.undivided),
        "undivided_grids": [
            {"id": int(grid), "code": _text(code), "name": _text(name)}
            for grid, code, name in zip(undivided.index, undivided["code"], undivided["name"], strict=True)
        ],
        "allowed_area_m2": _rounded(coverage.allowed_area_m2),
    } | {key: _findings(coverage, kind) for kind, key in _PLURAL.items()}


def _findings(coverage: Coverage, kind: FindingKind) -> Json:
    found = coverage.findings[coverage.findings["kind"] == kind]
    by_class = found["size_class"].value_counts()
    return {
        "count": len(found),
        "area_m2": _rounded(found["area_m2"].sum()),
        "by_class": {
            str(size): int(coverage.noise.get(kind, 0))
            if size is SizeClass.NOISE
            else int(by_class.get(size, 0))
            for size in SizeClass
        },
    }


def _sources(report: SourceReport | None, levels: tuple[LevelReport, ...]) -> Json:
    if report is None:
        return {
            "file": None,
            "rows": 0,
            "located": 0,
            "rejected": [],
            "swapped": 0,
            "ambiguous": 0,
            "stacks": 0,
            "stacked": 0,
            "assigned": {str(level.level): 0 for level in levels},
            "uncovered": 0,
            "uncovered_by_reason": {"outside": 0, "gap": 0},
            "stated_elsewhere": 0,
            "duplicate_ids": 0,
        }
    location = report.frame["location"]
    reason = report.uncovered["reason"]
    return {
        "file": report.source.file,
        "rows": report.rows,
        "located": len(report.frame),
        "rejected": _rejected(report.source.rejected),
        "swapped": int((location == Location.SWAPPED).sum()),
        "ambiguous": int((location == Location.AMBIGUOUS).sum()),
        "stacks": len(report.stacks),
        "stacked": sum(len(each) for each in report.stacks["sources"]),
        "assigned": {str(level): int(report.assigned[level].notna().sum()) for level in report.assigned},
        "uncovered": len(report.uncovered),
        "uncovered_by_reason": {each: int((reason == each).sum()) for each in ("outside", "gap")},
        "stated_elsewhere": len(report.stated_elsewhere),
        "duplicate_ids": len(report.duplicate_ids),
    }


def ring_name(ring_m: float) -> str:
    """A ring's radius as a key: "500", "5000", "62.5"."""
    return f"{ring_m:.10g}"


def _surroundings(report: SurroundingsReport | None) -> Json:
    if report is None:
        return {"file": None, "rings_m": [], "receptors": 0, "rejected": [], "sources_with_receptors": {}}
    reached = report.around.groupby("ring_m")["source"].nunique()
    return {
        "file": report.source.file,
        "rings_m": [int(ring) if float(ring).is_integer() else float(ring) for ring in report.rings_m],
        "receptors": len(report.frame),
        "rejected": _rejected(report.source.rejected),
        "sources_with_receptors": {ring_name(ring): int(reached.get(ring, 0)) for ring in report.rings_m},
    }


def _crs(audit: Audit) -> Json:
    return {
        "grids": [report.crs for report in level_files(audit.levels)],
        "sources": audit.sources.source.crs if audit.sources else None,
        "receptors": audit.surroundings.source.crs if audit.surroundings else None,
        "metric": list(audit.metric_crs),
        "evidence": [_evidence(file, verdict) for file, verdict in audit.evidence],
    }


def _evidence(file: str, verdict: Verdict) -> Json:
    return {
        "file": file,
        "status": str(verdict.status),
        "crs": verdict.crs,
        "text": _both(verdict.evidence),
        "candidates": [
            {
                "crs": each.crs,
                "same_as": list(each.same_as),
                "inside": round(float(each.inside), 6),
                "stated": None if each.stated is None else round(float(each.stated), 6),
                "spread_m": _rounded(each.spread_m),
            }
            for each in verdict.candidates
        ],
    }


def _file(role: str, report: FileReport) -> Json:
    return {
        "role": role,
        "file": report.file,
        "format": report.format,
        "crs": report.crs,
        "encoding": report.encoding,
        "fields": dict(report.fields),
        "rejected": _rejected(report.rejected),
        "mended": _rejected(report.mended),
        "notes": [_both(note) for note in report.notes],
    }


def _rejected(rows: Iterable[Rejected | Mended]) -> list[Json]:
    return [
        {"row": int(each.row), "reason": str(each.reason)}
        | ({"id": each.id} if isinstance(each, Rejected) else {})
        for each in rows
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
