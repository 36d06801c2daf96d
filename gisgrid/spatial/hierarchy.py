"""From rows of files to grids: parts joined, ids given, each grid under its parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.codes import canonical, significant_prefix
from gisgrid.errors import BrokenHierarchy
from gisgrid.frames import STORED_CRS, GridFrame, check_grids
from gisgrid.spatial.edges import Geometries
from gisgrid.text import Text

SAME_LAND = 1e-9
"""Rows of one code whose union is smaller than their sum by more than this share lie on each other."""

ABUTTING = 1e-8
"""Less than this share of a child is no land in common with a parent: it is a slanted edge's rounding."""


@dataclass(frozen=True)
class Hierarchy:
    """The grids of all levels, and what their files said of themselves that does not hold.

    Attributes
    ----------
    grids : GridFrame
        With the extra columns `rows` (tuple of the file's row numbers),
        `indicative` and `parent_by` ("stated", "overlap" or <NA>).
    duplicate_codes : mapping of level to codes
        Codes that stand for more than one grid of a level.
    unknown_parents : tuple of int
        Grids whose stated parent is not among the coarser level's; they went by overlap.
    code_mismatches : tuple of int
        Grids placed by overlap whose code's prefix names another parent.
    """

    grids: GridFrame
    duplicate_codes: dict[int, tuple[str, ...]]
    unknown_parents: tuple[int, ...]
    code_mismatches: tuple[int, ...]


def assemble(levels: Sequence[gpd.GeoDataFrame]) -> Hierarchy:
    """Make grids of the rows of each level.

    Rows of one code are parts of one grid, unless their names or parents differ
    or they lie on each other: then the code is a duplicate and they stay apart.
    Ids count from 1 by level, code, name and place, so they do not depend on row order.

    Parameters
    ----------
    levels : sequence of GeoDataFrame
        From coarse to fine, EPSG:4490, valid polygons, indexed by the file's row,
        with `code`, `name` and `parent_code` (nullable text), `inserted` (vertices
        that the file did not have, MultiPoint or None) and `indicative`
        (bool) where outlines may be derived; other columns are left out.

    Returns
    -------
    Hierarchy

    Raises
    ------
    BrokenHierarchy
        If grids are each other's parents.
    """
    joined, duplicates = [], {}
    for level, rows in enumerate(levels, start=1):
        grids, duplicates[level] = _join_parts(rows)
        grids.insert(0, "level", np.full(len(grids), level, dtype=np.int64))
        joined.append(grids)
    _refuse_cycles(joined)
    frame = gpd.GeoDataFrame(pd.concat(joined, ignore_index=True), crs=STORED_CRS)
    bounds = frame.bounds
    order = frame.assign(x=bounds["minx"], y=bounds["miny"]).sort_values(
        ["level", "code", "name", "x", "y"], na_position="last", kind="stable"
    )
    frame = frame.loc[order.index]
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="grid").astype("int64")
    frame["parent"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    frame["parent_by"] = pd.Series(pd.NA, index=frame.index, dtype="str")
    unknown: list[int] = []
    mismatched: list[int] = []
    for level in range(2, len(levels) + 1):
        parents, children = frame[frame["level"] == level - 1], frame[frame["level"] == level]
        stated = _stated_parents(children, parents)
        by_land = stated.isna()
        overlap = largest_overlap(children[by_land], parents)
        frame.loc[children.index, "parent"] = stated.fillna(overlap.reindex(stated.index))
        frame.loc[stated.index[~by_land], "parent_by"] = "stated"
        frame.loc[overlap.index[overlap.notna()], "parent_by"] = "overlap"
        unknown += [int(each) for each in children.index[by_land & children["parent_code"].notna()]]
        if by_land.all():
            mismatched += code_mismatches(children.assign(parent=overlap), parents)
    return Hierarchy(check_grids(frame), duplicates, tuple(unknown), tuple(mismatched))


def _join_parts(rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    frame = rows[["code", "name", "parent_code", "geometry"]].copy()
    frame["indicative"] = rows.get("indicative", False)
    frame["inserted"] = rows.get("inserted", pd.Series(None, index=rows.index, dtype=object))
    frame["code"] = frame["code"].astype("str").str.strip()
    frame["parent_code"] = frame["parent_code"].astype("str").str.strip()
    frame["rows"] = pd.Series([(int(row),) for row in rows.index], index=rows.index, dtype=object)
    frame = frame.reset_index(drop=True)
    key = frame["code"].map(canonical, na_action="ignore")
    repeated = key.notna() & key.duplicated(keep=False)
    if not repeated.any():
        return frame, ()
    kept, duplicates = [frame[~repeated]], []
    for _, group in frame[repeated].groupby(key[repeated], sort=True):
        polygons = group.geometry.to_numpy()
        whole = shapely.union_all(polygons)
        apart = shapely.area(polygons).sum() - shapely.area(whole) <= SAME_LAND * shapely.area(whole)
        alike = group["name"].nunique() <= 1 and group["parent_code"].nunique() <= 1
        if apart and alike:
            one = group.iloc[[0]].copy()
            one["name"] = group["name"].dropna().iloc[0] if group["name"].notna().any() else pd.NA
            one["parent_code"] = (
                group["parent_code"].dropna().iloc[0] if group["parent_code"].notna().any() else pd.NA
            )
            one["indicative"] = bool(group["indicative"].any())
            points = group["inserted"].dropna().to_numpy()
            one["inserted"] = pd.Series([shapely.union_all(points) if len(points) else None], index=one.index)
            one = one.set_geometry(gpd.GeoSeries([whole], index=one.index, crs=frame.crs))
            one["rows"] = pd.Series(
                [tuple(sorted(r for each in group["rows"] for r in each))], index=one.index
            )
            kept.append(one)
        else:
            duplicates.append(str(group["code"].iloc[0]))
            kept.append(group)
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), crs=frame.crs), tuple(duplicates)


def _refuse_cycles(levels: Sequence[gpd.GeoDataFrame]) -> None:
    """Follow every stated parent upward; meeting a grid twice is an error.

    A code is looked for among coarser levels first, so that levels may number
    their grids alike; only a parent that stands nowhere above can close a circle.
    """
    codes = [level["code"].map(canonical, na_action="ignore") for level in levels]
    stated = [level["parent_code"].map(canonical, na_action="ignore") for level in levels]
    known = [set(each.dropna()) for each in codes]
    above: dict[tuple[int, str], tuple[int, str]] = {}
    for at, (own, parents) in enumerate(zip(codes, stated, strict=True)):
        look = [*range(at - 1, -1, -1), *range(at, len(levels))]
        for code, parent in zip(own, parents, strict=True):
            if isinstance(code, str) and isinstance(parent, str):
                found = next((level for level in look if parent in known[level]), None)
                if found is not None and (found, parent) != (0, code):
                    above[at, code] = (found, parent)
    settled: set[tuple[int, str]] = set()
    for start in above:
        path: list[tuple[int, str]] = []
        node: tuple[int, str] | None = start
        while node is not None and node not in settled:
            if node in path:
                raise _cycle([code for _, code in [*path[path.index(node) :], node]])
            path.append(node)
            node = above.get(node)
        settled.update(path)


def _cycle(codes: list[str]) -> BrokenHierarchy:
    return BrokenHierarchy(
        Text(
            zh="上级网格互相引用，形成循环。",
            en="Grids are each other's parents: the hierarchy is a cycle.",
        ),
        where=" → ".join(codes),
        todo=Text(
            zh="请改正这些网格的上级编码；若上级字段认错了，请用 --parent 指定。",
            en="Correct the parent codes of these grids, or name the right column with --parent.",
        ),
    )


def _stated_parents(children: GridFrame, parents: GridFrame) -> pd.Series:
    """The parent that each child's own field names: by code, by code but for padding zeros, by name."""
    stated = children["parent_code"]
    found = pd.Series(pd.NA, index=children.index, dtype="Int64")
    keys = (
        (stated.map(canonical, na_action="ignore"), parents["code"].map(canonical, na_action="ignore")),
        (_unpadded(stated), _unpadded(parents["code"])),
        (stated, parents["name"].str.strip()),
    )
    for wanted, offered in keys:
        unique = offered[offered.notna() & ~offered.duplicated(keep=False)]
        ids = pd.Series(unique.index.astype("int64"), index=unique.astype(str).to_numpy())
        match = wanted.map(ids, na_action="ignore").astype("Int64")
        found = found.fillna(match)
    return found


def _unpadded(codes: pd.Series) -> pd.Series:
    return codes.map(significant_prefix, na_action="ignore")


def largest_overlap(children: GridFrame, parents: GridFrame) -> pd.Series:
    """The parent that each child lies on most, by area in the lon/lat plane.

    Parameters
    ----------
    children, parents : GridFrame
        n and m grids, EPSG:4490.

    Returns
    -------
    Series of Int64
        Indexed like `children`: ids of parents, <NA> where none has more of it than
        `ABUTTING`; of equals (to that share) the smaller id.
    """
    found = pd.Series(pd.NA, index=children.index, dtype="Int64")
    if children.empty or parents.empty:
        return found
    own, land = children.geometry.to_numpy(), parents.geometry.to_numpy()
    ids = parents.index.to_numpy(dtype=np.int64)
    tree = shapely.STRtree(land)
    shapely.prepare(land)
    child, parent = tree.query(shapely.point_on_surface(own), predicate="intersects")
    alone = np.bincount(child, minlength=len(own))[child] == 1
    child, parent = child[alone], parent[alone]
    whole = shapely.covers(land[parent], own[child])
    found.iloc[child[whole]] = ids[parent[whole]]
    rest = np.setdiff1d(np.arange(len(own)), child[whole])
    child, parent = tree.query(own[rest], predicate="intersects")
    shared = pd.DataFrame({"child": rest[child], "id": ids[parent]})
    shared["share"] = _share(own[shared["child"]], land[parent])
    most = shared.groupby("child")["share"].transform("max")
    shared = shared[(shared["share"] > ABUTTING) & (shared["share"] >= most - ABUTTING)]
    best = shared.groupby("child")["id"].min()
    found.iloc[best.index] = best.to_numpy()
    return found


def _share(own: Geometries, land: Geometries) -> NDArray[np.float64]:
    """Which share of each of n polygons lies on the land beside it."""
    return np.asarray(shapely.area(shapely.intersection(own, land)) / shapely.area(own), dtype=np.float64)


def code_mismatches(children: GridFrame, parents: GridFrame) -> list[int]:
    """Grids whose code's prefix names another parent than the land that they lie on.

    Only where codes are built on the parents' at all: where at least half of the
    children's codes begin with the code of some parent.

    Parameters
    ----------
    children : GridFrame
        `parent` found by overlap.
    parents : GridFrame

    Returns
    -------
    list of int
        Ids of children.
    """
    prefixes = {
        int(grid): significant_prefix(code) for grid, code in parents["code"].items() if isinstance(code, str)
    }
    known = tuple(prefixes.values())
    codes = children["code"].dropna().map(canonical)
    if codes.empty or not known or codes.str.startswith(known).mean() < 0.5:
        return []
    return [
        int(grid)
        for (grid, code), parent in zip(codes.items(), children.loc[codes.index, "parent"], strict=True)
        if not pd.isna(parent) and int(parent) in prefixes and not code.startswith(prefixes[int(parent)])
    ]
