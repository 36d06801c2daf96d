"""The frames about grids and findings, joined with the names that people know.

Column names are short ASCII; `gisgrid.report.columns` holds their titles and
units. Codes ("gap", "real", "outside") stay codes here and get their words
where they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.audit import Audit
from gisgrid.frames import STORED_CRS, FindingKind
from gisgrid.report.columns import typed
from gisgrid.report.naming import called, labels
from gisgrid.report.words import KINDS, classes_of, level_name
from gisgrid.spatial.coverage import Coverage
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.nearness import representative_points
from gisgrid.text import Lang

CLASS_COLUMNS = {"A": "class_a", "B": "class_b", "C": "class_c", "-": "class_none"}


def grid_table(audit: Audit) -> gpd.GeoDataFrame:
    """Every grid with its parent, area, children, sources by class and gaps; coarse to fine, by code."""
    grids = audit.grids
    names = labels(grids)
    point = shapely.point_on_surface(grids.geometry.to_numpy())
    table = gpd.GeoDataFrame(
        {
            "grid": grids.index.to_numpy(),
            "level": grids["level"].to_numpy(),
            "code": grids["code"].to_numpy(dtype=object),
            "name": names.to_numpy(dtype=object),
            "parent_code": called(grids["parent"], grids["code"]),
            "parent": called(grids["parent"], names),
            "area_m2": area_m2(grids.geometry.to_numpy()),
            "children": _counts(grids["parent"], grids.index),
        },
        geometry=grids.geometry.to_numpy(),
        index=grids.index,
        crs=STORED_CRS,
    )
    table["undivided"] = grids.index.isin([each for found in audit.coverage for each in found.undivided])
    table = table.join(_sources_by_class(audit)).join(_gaps_by_grid(audit))
    table["lon"], table["lat"] = shapely.get_x(point), shapely.get_y(point)
    table.index.name = None
    return typed(table).sort_values(["level", "parent_code", "code", "grid"], na_position="last")


def _counts(ids: pd.Series, index: pd.Index) -> NDArray[np.int64]:
    counts = ids.dropna().astype("int64").value_counts()
    return np.asarray(counts.reindex(index, fill_value=0), dtype=np.int64)


def _sources_by_class(audit: Audit) -> pd.DataFrame:
    columns = ["sources", *CLASS_COLUMNS.values()]
    counts = pd.DataFrame(0, index=audit.grids.index, columns=columns)
    if audit.sources is None:
        return counts
    letter = classes_of(audit.sources.frame["source_class"])
    for level in audit.sources.assigned:
        ids = audit.sources.assigned[level]
        counts["sources"] += _counts(ids, counts.index)
        for each, column in CLASS_COLUMNS.items():
            counts[column] += _counts(ids[letter == each], counts.index)
    return counts


def _gaps_by_grid(audit: Audit) -> pd.DataFrame:
    counts = pd.DataFrame({"gaps": 0, "gap_m2": 0.0}, index=audit.grids.index)
    for coverage in audit.coverage:
        gaps = coverage.findings[coverage.findings["kind"] == FindingKind.GAP]
        by_parent = gaps.dropna(subset=["parent"]).groupby("parent")["area_m2"]
        counts["gaps"] = counts["gaps"].add(by_parent.size(), fill_value=0).astype("int64")
        counts["gap_m2"] = counts["gap_m2"].add(by_parent.sum(), fill_value=0.0)
    return counts.reindex(audit.grids.index)


def finding_table(audit: Audit, lang: Lang) -> gpd.GeoDataFrame:
    """All findings of all levels, those of the coarsest first, largest first within a level."""
    parts = [_findings_of(audit, at, lang) for at in range(len(audit.coverage))]
    found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=STORED_CRS)
    return typed(found)


def _findings_of(audit: Audit, at: int, lang: Lang) -> gpd.GeoDataFrame:
    coverage = audit.coverage[at]
    found = coverage.findings
    names = labels(audit.grids)
    geometry = found.geometry.to_numpy()
    point = shapely.point_on_surface(geometry)
    inside, inside_c = _sources_inside(audit, at)
    parent = called(found["parent"], names)
    owners = [[str(names[grid]) for grid in each] for each in found["owners"]]
    around = [[(str(names[grid]), share) for grid, share in each] for each in found["neighbours"]]
    return gpd.GeoDataFrame(
        {
            "finding": found.index.to_numpy(dtype=np.int64),
            "kind": found["kind"].astype("str").to_numpy(dtype=object),
            "size_class": found["size_class"].astype("str").to_numpy(dtype=object),
            "parent_lv": found["parent_level"].to_numpy(),
            "child_lv": found["child_level"].to_numpy(dtype=np.int64),
            "parent_code": called(found["parent"], audit.grids["code"]),
            "parent": parent,
            "place": [
                place(kind, own, [name for name, _ in near], above, lang)
                for kind, own, near, above in zip(found["kind"], owners, around, parent, strict=True)
            ],
            "owners": ["、".join(each) for each in owners],
            "neighbours": ["、".join(f"{name} {share:.0%}" for name, share in each) for each in around],
            "area_m2": found["area_m2"].to_numpy(dtype=np.float64),
            "width_m": found["width_m"].to_numpy(dtype=np.float64),
            "enclosed": found["enclosed"].to_numpy(),
            "sources": inside,
            "sources_c": inside_c,
            "lon": shapely.get_x(point),
            "lat": shapely.get_y(point),
        },
        geometry=geometry,
        crs=STORED_CRS,
    )


def place(
    kind: FindingKind, owners: Sequence[str], near: Sequence[str], parent: str | None, lang: Lang
) -> str:
    """Where a finding is, in words: between two grids, beside one, of which grids.

    Examples
    --------
    >>> place(FindingKind.GAP, [], ["赵圈河镇", "清水镇"], "大洼区", Lang.ZH)
    '赵圈河镇—清水镇之间'
    """
    chinese = lang is Lang.ZH
    if kind == FindingKind.OVERLAP:
        return " / ".join(owners)
    if kind == FindingKind.PROTRUSION:
        who = owners[0] if owners else parent or ""
        return f"{who}向外" if chinese else f"{who}, outwards"
    if kind == FindingKind.MISNESTED:
        who = owners[0] if owners else ""
        return f"{who}伸入{parent or ''}" if chinese else f"{who} in {parent or ''}"
    if len(near) >= 2:
        return f"{near[0]}—{near[1]}之间" if chinese else f"between {near[0]} and {near[1]}"
    if near:
        return f"{near[0]}旁" if chinese else f"beside {near[0]}"
    return f"{parent or '区域'}境内" if chinese else f"in {parent or 'the region'}"


def _sources_inside(audit: Audit, at: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many sources, and how many of class C, lie in each finding of one pair of levels.

    In a gap are those that the assignment calls uncovered by it; in the other
    kinds those that lie inside, edges not counted.
    """
    coverage = audit.coverage[at]
    count = np.zeros(len(coverage.findings), dtype=np.int64)
    if audit.sources is None or not len(count):
        return count, count
    uncovered = audit.sources.uncovered
    of_gap = uncovered[(uncovered["level"] == coverage.child_level) & uncovered["finding"].notna()]
    gap_row = coverage.findings.index.get_indexer(pd.Index(of_gap["finding"].astype("int64")))
    gap_source = audit.sources.frame.index.get_indexer(of_gap.index)
    other = np.flatnonzero((coverage.findings["kind"] != FindingKind.GAP).to_numpy())
    points = representative_points(audit.sources.frame.geometry.to_numpy())
    tree = shapely.STRtree(coverage.findings.geometry.to_numpy()[other])
    source, land = tree.query(points, predicate="within")
    row = np.concatenate([gap_row, other[land]])
    source = np.concatenate([gap_source, source])
    worst = classes_of(audit.sources.frame["source_class"])[source] == "C"
    return np.bincount(row, minlength=len(count)), np.bincount(row[worst], minlength=len(count))


def summary_table(audit: Audit, lang: Lang) -> pd.DataFrame:
    """What each level adds up to, then what lies below each grid that is divided or ought to be.

    The findings of a level are those against the next coarser one; those of a
    grid are its children's.
    """
    table = pd.concat([_by_level(audit, lang), _by_grid(audit)], ignore_index=True)
    columns = [
        "scope",
        "level",
        "code",
        "area_m2",
        "grids_n",
        "sources",
        *CLASS_COLUMNS.values(),
        "uncovered",
    ]
    return typed(table[columns + [f"{kind}_{what}" for kind in KINDS for what in ("n", "m2")]])


def _by_level(audit: Audit, lang: Lang) -> pd.DataFrame:
    found = {coverage.child_level: coverage.findings for coverage in audit.coverage}
    grids = grid_table(audit)
    rows = []
    for level in audit.levels:
        total = level_name(level.level)
        counts = grids.loc[grids["level"] == level.level, ["sources", *CLASS_COLUMNS.values()]].sum()
        row: dict[str, object] = {
            "scope": f"{total.zh}合计" if lang is Lang.ZH else f"All of level {level.level}"
        }
        row |= {"level": level.level, "code": None, "area_m2": level.area_m2, "grids_n": level.grids}
        row |= counts.to_dict() | {"uncovered": 0}
        if audit.sources is not None:
            row["uncovered"] = int((audit.sources.uncovered["level"] == level.level).sum())
        for kind in FindingKind:
            findings = found.get(level.level)
            areas = [] if findings is None else findings.loc[findings["kind"] == kind, "area_m2"].to_list()
            row |= {f"{kind}_n": len(areas), f"{kind}_m2": float(sum(areas))}
        rows.append(row)
    return pd.DataFrame(rows)


def _by_grid(audit: Audit) -> pd.DataFrame:
    grids = pd.DataFrame(grid_table(audit).drop(columns=["geometry", "gaps", "gap_m2"]))
    divided = grids[(grids["children"] > 0) | grids["undivided"]].rename(
        columns={"name": "scope", "children": "grids_n"}
    )
    for kind in FindingKind:
        found = pd.concat([each.findings.loc[each.findings["kind"] == kind] for each in audit.coverage])
        areas = found.dropna(subset=["parent"]).groupby("parent")["area_m2"]
        divided[f"{kind}_n"] = areas.size().reindex(divided.index, fill_value=0)
        divided[f"{kind}_m2"] = areas.sum().reindex(divided.index, fill_value=0.0)
    divided["uncovered"] = 0
    for coverage in audit.coverage:
        divided["uncovered"] += _uncovered_by_parent(audit, coverage).reindex(divided.index)
    return divided


def _uncovered_by_parent(audit: Audit, coverage: Coverage) -> pd.Series:
    """How many sources in each grid its children leave uncovered."""
    index = audit.grids.index
    if audit.sources is None or coverage.parent_level is None:
        return pd.Series(0, index=index)
    missing = audit.sources.uncovered
    at_level = missing.index[(missing["level"] == coverage.child_level).fillna(False)]
    return pd.Series(_counts(audit.sources.assigned.loc[at_level, coverage.parent_level], index), index=index)
