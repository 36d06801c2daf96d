"""The frames about sources and what lies around them, one row for each thing to look at."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.audit import Audit
from gisgrid.frames import STORED_CRS
from gisgrid.report.columns import typed
from gisgrid.report.naming import called, labels
from gisgrid.report.words import CLASSES, classes_of
from gisgrid.spatial.nearness import representative_points


def source_table(audit: Audit) -> gpd.GeoDataFrame:
    """Every located source with its class, how it was located, and its grid at every level."""
    if audit.sources is None:
        return _sources_of(audit, np.empty(0, dtype=np.int64))
    return _sources_of(audit, np.arange(len(audit.sources.frame)))


def _sources_of(audit: Audit, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    levels = [level.level for level in audit.levels]
    grid_columns = [column for level in levels for column in (f"g{level}_code", f"g{level}_name")]
    text = ["id", "name", "kind", "source_class", "class_abc", "location"]
    stated = ["stated_code", "stated_name"]
    if audit.sources is None:
        empty = {column: pd.Series(dtype="str") for column in [*text, *stated, *grid_columns]}
        numbers = {column: pd.Series(dtype="float64") for column in ("raw_x", "raw_y")}
        whole = {column: pd.Series(dtype="int64") for column in ("source", "row")}
        return typed(gpd.GeoDataFrame(whole | empty | numbers, geometry=[], crs=STORED_CRS))
    frame = audit.sources.frame.iloc[rows]
    names = labels(audit.grids)
    table = {"source": frame.index.to_numpy(dtype=np.int64), "row": frame["row"].to_numpy(dtype=np.int64)}
    for column in text:
        values = classes_of(frame["source_class"]) if column == "class_abc" else frame[column]
        table[column] = np.asarray(values, dtype=object)
    for level in levels:
        ids = audit.sources.assigned[level].iloc[rows]
        table[f"g{level}_code"] = called(ids, audit.grids["code"])
        table[f"g{level}_name"] = called(ids, names)
    for column in stated:
        table[column] = frame[column].to_numpy(dtype=object)
    table["raw_x"], table["raw_y"] = frame["raw_x"].to_numpy(), frame["raw_y"].to_numpy()
    return typed(
        gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), index=frame.index, crs=STORED_CRS)
    )


def _with_position(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    point = representative_points(table.geometry.to_numpy())
    return typed(table).assign(lon=shapely.get_x(point), lat=shapely.get_y(point))


def _picked(audit: Audit, ids: Iterable[int]) -> gpd.GeoDataFrame:
    """The source table of some sources only."""
    index = audit.sources.frame.index if audit.sources is not None else pd.Index([], dtype="int64")
    return _sources_of(audit, index.get_indexer(pd.Index(list(ids), dtype="int64")))


_SOURCE_COLUMNS = ["source", "row", "id", "name", "kind", "source_class", "class_abc"]


def uncovered_table(audit: Audit) -> gpd.GeoDataFrame:
    """Sources in no grid: why, and which grid is nearest; class C first, then by distance."""
    picked = _picked(audit, audit.sources.uncovered.index if audit.sources else ())
    table = picked[[*_SOURCE_COLUMNS, "location", "stated_code", "stated_name", "geometry"]].copy()
    names = labels(audit.grids)
    missing = audit.sources.uncovered if audit.sources else None
    table["reason"] = missing["reason"].astype("str").to_numpy(dtype=object) if missing is not None else ""
    table["level"] = missing["level"].to_numpy() if missing is not None else 0
    table["finding"] = missing["finding"].to_numpy() if missing is not None else 0
    table["near_code"] = called(missing["nearest"], audit.grids["code"]) if missing is not None else ""
    table["near_name"] = called(missing["nearest"], names) if missing is not None else ""
    table["distance_m"] = missing["distance_m"].to_numpy(dtype=np.float64) if missing is not None else 0.0
    table = typed(table)
    order = np.lexsort((table["distance_m"], -(table["class_abc"] == "C").to_numpy(dtype=int)))
    return _with_position(table.iloc[order])


def stack_table(audit: Audit) -> gpd.GeoDataFrame:
    """One row for each source that shares its place with others."""
    stacks = audit.sources.stacks if audit.sources else None
    members = list(stacks["sources"]) if stacks is not None else []
    picked = _picked(audit, [source for each in members for source in each])
    table = picked[[*_SOURCE_COLUMNS, "geometry"]].copy()
    size = np.array([len(each) for each in members], dtype=np.int64)
    table.insert(0, "stack", np.repeat(np.arange(1, len(size) + 1), size))
    table.insert(1, "stacked", np.repeat(size, size))
    return _with_position(table)


def around_table(audit: Audit) -> gpd.GeoDataFrame:
    """What lies around each source: one row for each ring and kind of receptor, nearest named."""
    report = audit.surroundings
    if report is None or audit.sources is None:
        columns = ["source", "id", "name", "class_abc", "ring_m", "receptor_kind", "count"]
        columns += ["near_id", "near_name", "distance_m", "bearing_deg"]
        return typed(gpd.GeoDataFrame(columns=columns, geometry=[], crs=STORED_CRS))
    around = report.around
    frame = audit.sources.frame
    at = frame.index.get_indexer(pd.Index(around["source"]))
    letter = classes_of(frame["source_class"])
    receptor = report.frame.index.get_indexer(pd.Index(around["nearest"]))
    points = representative_points(frame.geometry.to_numpy())
    table = gpd.GeoDataFrame(
        {
            "source": around["source"].to_numpy(dtype=np.int64),
            "id": frame["id"].to_numpy(dtype=object)[at],
            "name": frame["name"].to_numpy(dtype=object)[at],
            "class_abc": letter[at],
            "ring_m": around["ring_m"].to_numpy(dtype=np.float64),
            "receptor_kind": around["kind"].to_numpy(dtype=object),
            "count": around["count"].to_numpy(dtype=np.int64),
            "near_id": report.frame["id"].to_numpy(dtype=object)[receptor],
            "near_name": report.frame["name"].to_numpy(dtype=object)[receptor],
            "distance_m": around["distance_m"].to_numpy(dtype=np.float64),
            "bearing_deg": around["bearing_deg"].to_numpy(dtype=np.float64),
        },
        geometry=points[at],
        crs=STORED_CRS,
    )
    return typed(table)


def doubt_table(audit: Audit) -> pd.DataFrame:
    """Sources whose location is in doubt: one row for each source and doubt.

    `doubt` is "swapped", "ambiguous", "stacked", "elsewhere" or "duplicate".
    """
    stated = ["stated_code", "stated_name", "actual", "distance_m"]
    columns = ["doubt", *_SOURCE_COLUMNS, *stated, "raw_x", "raw_y"]
    if audit.sources is None:
        return typed(pd.DataFrame(columns=[*columns, "lon", "lat"]))
    report = audit.sources
    location = report.frame["location"]
    stacked = [source for each in report.stacks["sources"] for source in each]
    doubts: dict[str, pd.Index] = {
        "swapped": report.frame.index[location == "swapped"],
        "ambiguous": report.frame.index[location == "ambiguous"],
        "stacked": pd.Index(stacked, dtype="int64"),
        "elsewhere": report.stated_elsewhere.index,
        "duplicate": report.duplicate_ids.index,
    }
    ids = np.concatenate([each.to_numpy(dtype=np.int64) for each in doubts.values()])
    table = _with_position(_picked(audit, ids)).reset_index(drop=True)
    table["doubt"] = np.repeat(list(doubts), [len(each) for each in doubts.values()])
    table["actual"], table["distance_m"] = None, np.nan
    rows = table.index[table["doubt"] == "elsewhere"]
    table.loc[rows, "actual"] = called(report.stated_elsewhere["actual"], labels(audit.grids))
    table.loc[rows, "distance_m"] = report.stated_elsewhere["distance_m"].to_numpy(dtype=np.float64)
    return typed(pd.DataFrame(table.drop(columns="geometry"))[[*columns, "lon", "lat"]])


def class_counts(audit: Audit) -> dict[str, int]:
    """How many located sources each class has."""
    if audit.sources is None:
        return dict.fromkeys(CLASSES, 0)
    letters, counts = np.unique(
        classes_of(audit.sources.frame["source_class"]).astype(str), return_counts=True
    )
    return {each: int(dict(zip(letters, counts, strict=True)).get(each, 0)) for each in CLASSES}
