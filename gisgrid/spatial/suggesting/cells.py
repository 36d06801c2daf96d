"""Base cells: the smallest pieces of an owner's land that a suggestion moves about."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gisgrid.errors import WrongGeometry
from gisgrid.frames import STORED_CRS, GridFrame
from gisgrid.spatial.arrangement import DUST_DEG2, arrange
from gisgrid.spatial.edges import Floats, Geometries, Ints
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.nearness import representative_points
from gisgrid.spatial.suggesting.cell_graph import CellGraph, Plane, components, polygons_of
from gisgrid.text import Text

VILLAGE: Final = "village"
MESH: Final = "mesh"

CELLS: Final = 800
"""Cells in which a mesh is made unless told: some 40 for each of twenty units."""

_CROWD_SHARE: Final = 2.0
"""A cell with more than so many times the mean number of spots is cut finer."""
_HALVINGS: Final = 3
_TINY: Final = 0.2
"""A face smaller than this share of the mesh's cells at its place goes to a neighbour."""
_JITTER: Final = 0.12
"""Seats leave the hexagonal lattice by this share of its spacing: no long rows of parallel edges."""


def base_cells(
    owner: shapely.Geometry,
    *,
    villages: GridFrame | None = None,
    lines: gpd.GeoDataFrame | None = None,
    spots: gpd.GeoDataFrame | None = None,
    count: int = CELLS,
    seed: int = 0,
) -> gpd.GeoDataFrame:
    """Divide an owner's land into the small cells of which unit grids are put together.

    Villages are cells as they are. Where there is none, the land is covered by a
    mesh of Voronoi cells, finer where spots crowd, and cut by the lines, so that a
    unit's boundary can follow a river or a road. Crumbs go to a neighbour.

    Parameters
    ----------
    owner : Polygon or MultiPolygon
        The land, EPSG:4490.
    villages : GridFrame, optional
        Polygons, EPSG:4490; what lies outside the owner is cut off, the first of two
        that overlap has the land, and a narrow gap goes to the village beside it.
    lines : GeoDataFrame, optional
        Rivers and roads, EPSG:4490: lines, or polygons of which the outline counts.
    spots : GeoDataFrame, optional
        The sources that will weigh on the cells, EPSG:4490.
    count : int
        About how many cells a mesh of the whole land would have before it is made
        finer or cut.
    seed : int
        The same seed, the same mesh.

    Returns
    -------
    GeoDataFrame
        A valid coverage of n polygons, EPSG:4490, numbered from 0, whose union is the
        owner's land within 1e-9°: `kind` (`VILLAGE` or `MESH`), `village` (index of the
        village, else None; one in several pieces is several cells), `area_m2`, `geometry`.

    Raises
    ------
    WrongGeometry
        If the owner is not a valid polygon.
    """
    _refuse_no_land(owner)
    plane = Plane.at(owner)
    own_villages = _within(owner, villages)
    settled = [] if own_villages is None else list(own_villages.geometry)
    rest = shapely.difference(owner, shapely.union_all(settled)) if settled else owner
    drawn = [shapely.boundary(owner), *map(shapely.boundary, settled)]
    seats = np.zeros((0, 2))
    if shapely.area(rest) > DUST_DEG2:
        seats = _seats(owner, plane, spots, count, seed)
        drawn += _mesh_lines(rest, plane, seats)
        drawn += [] if lines is None else _cutting(rest, lines)
    _, faces = arrange(shapely.get_parts(_rings(drawn)))
    inside = shapely.STRtree([owner]).query(faces.inside, predicate="intersects")[0]
    geometry, at = faces.geometry[inside], faces.inside[inside]
    village = _village_at(at, settled)
    graph = CellGraph.of(geometry, plane)
    into = _without_crumbs(graph, village, _usual_area_m2(graph, village, seats), _on_lines(graph, lines))
    kept, cell = np.unique(into, return_inverse=True)
    right = np.where(graph.right < 0, graph.right, cell[graph.right])
    polygons = polygons_of(graph.lonlat, graph.start, graph.end, cell[graph.left], right, len(kept))
    return _frame(polygons, village[kept], own_villages)


def weigh(cells: gpd.GeoDataFrame, sources: gpd.GeoDataFrame, weights: pd.Series) -> pd.Series:
    """Add up the weights of the sources in each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        n polygons, EPSG:4490.
    sources : GeoDataFrame
        m points, lines or polygons (which lie where their representative point does), EPSG:4490.
    weights : Series of m floats
        Indexed like `sources`.

    Returns
    -------
    Series of floats
        Indexed like `cells`. A source on a shared edge weighs on the first of the
        cells; one outside all of them on none.
    """
    geometry = sources.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    points = representative_points(geometry[placed])
    source, cell = cells.sindex.query(points, predicate="intersects")
    order = np.lexsort((cell, source))
    source, first = np.unique(source[order], return_index=True)
    weight = weights.reindex(sources.index).to_numpy(dtype=np.float64)[placed[source]]
    total = np.bincount(cell[order][first], weights=weight, minlength=len(cells))
    return pd.Series(total, index=cells.index, name="weight")


def _refuse_no_land(owner: shapely.Geometry) -> None:
    if owner is None or shapely.get_type_id(owner) not in (3, 6) or shapely.is_empty(owner):
        problem = Text(zh="没有可划分的面。", en="There is no polygon to divide.")
    elif not shapely.is_valid(owner):
        reason = shapely.is_valid_reason(owner)
        problem = Text(zh=f"待划分的面无效：{reason}。", en=f"The polygon to divide is not valid: {reason}.")
    else:
        return
    raise WrongGeometry(
        problem, todo=Text(zh="请先修复该网格的边界。", en="Repair the boundary of that grid first.")
    )


def _within(owner: shapely.Geometry, villages: GridFrame | None) -> gpd.GeoDataFrame | None:
    """The parts of villages that lie in the owner, without their overlaps."""
    if villages is None or not len(villages):
        return None
    shapes = villages.geometry.to_numpy()
    near = np.sort(shapely.STRtree(shapes).query(owner, predicate="intersects"))
    shapes = _lands(shapely.intersection(shapes[near], owner))
    solid = shapely.area(shapes) > DUST_DEG2
    return villages.iloc[near[solid]].set_geometry(shapes[solid]) if solid.any() else None


def _lands(shapes: Geometries) -> Geometries:
    """The polygons of n geometries: two outlines may also meet in lines and points."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for each in mixed:
        parts = shapely.get_parts(shapes[each])
        shapes[each] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def _rings(drawn: list[shapely.Geometry]) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(np.array(drawn, dtype=object)) if not part.is_empty]
    lines = [shapely.LineString(shapely.get_coordinates(part)) for part in parts]
    return shapely.MultiLineString(lines)


def _seats(
    owner: shapely.Geometry, plane: Plane, spots: gpd.GeoDataFrame | None, count: int, seed: int
) -> Floats:
    """Where the Voronoi cells of the mesh sit, in metres: a jittered hexagonal lattice, finer among spots."""
    flat = shapely.transform(owner, plane.metres)
    spacing = float(np.sqrt(shapely.area(flat) / max(count, 1) * 2 / np.sqrt(3)))
    west, south, east, north = shapely.bounds(flat)
    # Seats beyond the outline are left out, so that no sliver of theirs comes in.
    x, y = np.meshgrid(
        np.arange(west, east + spacing, spacing),
        np.arange(south, north + spacing, spacing * np.sqrt(3) / 2),
    )
    x[1::2] += spacing / 2
    rng = np.random.default_rng(seed)
    seats = np.stack([x.ravel(), y.ravel()], axis=-1)
    seats += rng.uniform(-_JITTER, _JITTER, seats.shape) * spacing
    shapely.prepare(flat)
    seats = seats[shapely.contains_xy(flat, *seats.T)]
    if len(seats) < 2:
        seats = np.concatenate([seats, np.array([[west, south], [east, north]])])
    points = _spots_m(owner, plane, spots)
    crowd = max(_CROWD_SHARE * len(points) / len(seats), 2.0)
    for level in range(_HALVINGS if len(points) else 0):
        load = np.bincount(cKDTree(seats).query(points)[1], minlength=len(seats))
        crowded = load > crowd
        if not crowded.any():
            break
        ring = np.arange(6) * np.pi / 3 + level * 0.26
        around = np.stack([np.cos(ring), np.sin(ring)], axis=-1) * spacing / 2 ** (level + 1)
        finer = (seats[crowded][:, None] + around).reshape(-1, 2)
        finer += rng.uniform(-_JITTER, _JITTER, finer.shape) * spacing / 2 ** (level + 1)
        finer = finer[shapely.contains_xy(flat, *finer.T)]
        # Two crowded neighbours would both put a seat between them.
        apart = cKDTree(np.concatenate([seats, finer]))
        near = apart.query_pairs(spacing / 2 ** (level + 2), output_type="ndarray")
        drop = np.unique(near.max(axis=1)) - len(seats) if len(near) else np.zeros(0, dtype=int)
        seats = np.concatenate([seats, np.delete(finer, drop[drop >= 0], axis=0)])
    return seats


def _spots_m(owner: shapely.Geometry, plane: Plane, spots: gpd.GeoDataFrame | None) -> Floats:
    """The different positions of the spots in the owner, in metres."""
    if spots is None or not len(spots):
        return np.zeros((0, 2))
    geometry = spots.geometry.to_numpy()
    geometry = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    lonlat = np.unique(shapely.get_coordinates(representative_points(geometry)), axis=0)
    shapely.prepare(owner)
    return plane.metres(lonlat[shapely.intersects_xy(owner, *lonlat.T)])


def _mesh_lines(rest: shapely.Geometry, plane: Plane, seats: Floats) -> list[shapely.Geometry]:
    flat = shapely.transform(rest, plane.metres)
    frame = shapely.box(*shapely.bounds(flat)).buffer(1.0)
    edges = shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=frame, only_edges=True)
    met = shapely.intersection(shapely.transform(edges, plane.lonlat), rest)
    return [each for each in shapely.get_parts(met) if shapely.get_dimensions(each) == 1]


def _cutting(rest: shapely.Geometry, lines: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    met = shapely.intersection(_drawn_lines(lines), rest)
    parts = shapely.get_parts(shapely.get_parts(met))
    return [each for each in parts if shapely.get_dimensions(each) == 1]


def _drawn_lines(lines: gpd.GeoDataFrame) -> Geometries:
    """Lines as they are, polygons as their outlines."""
    shapes = lines.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    flat = shapely.get_dimensions(shapes)
    return np.concatenate([shapes[flat == 1], np.asarray(shapely.boundary(shapes[flat == 2]), dtype=object)])


def on_lines(start: Floats, end: Floats, lines: gpd.GeoDataFrame | None) -> np.ndarray:
    """Which of n straight edges (lon/lat) run along one of the lines."""
    if lines is None or not len(lines):
        return np.zeros(len(start), dtype=bool)
    tree = shapely.STRtree(_drawn_lines(lines))
    along = np.ones(len(start), dtype=bool)
    for share in (0.0, 0.5, 1.0):
        at = shapely.points(start + share * (end - start))
        near = tree.query(at, predicate="dwithin", distance=1e-9)[0]
        along &= np.isin(np.arange(len(start)), near)
    return along


def _on_lines(graph: CellGraph, lines: gpd.GeoDataFrame | None) -> np.ndarray:
    return on_lines(graph.lonlat[graph.start], graph.lonlat[graph.end], lines)


def _village_at(points: Geometries, villages: list[shapely.Geometry]) -> Ints:
    """The position of the first village at each point, -1 where there is none."""
    village = np.full(len(points), -1, dtype=np.int64)
    if villages:
        point, found = shapely.STRtree(villages).query(points, predicate="intersects")
        order = np.lexsort((-found, point))
        village[point[order]] = found[order]
    return village


def _usual_area_m2(graph: CellGraph, village: Ints, seats: Floats) -> Floats:
    """How large a mesh cell is at the place of each face."""
    if not len(seats):
        return np.full(graph.count, float(np.median(np.bincount(village, weights=graph.area_m2))))
    apart = cKDTree(seats).query(seats, k=min(4, len(seats)))[0][:, 1:].mean(axis=1)
    spacing = apart[cKDTree(seats).query(graph.centre_m)[1]]
    return np.asarray(spacing**2 * np.sqrt(3) / 2)


def _without_crumbs(graph: CellGraph, village: Ints, usual_m2: Floats, along: np.ndarray) -> Ints:
    """For each face the face that stands for its cell: those of a village one, crumbs with a neighbour."""
    into = _joined_villages(graph, village)
    area = np.bincount(into, weights=graph.area_m2, minlength=graph.count)
    # A border along a line counts for next to nothing: crumbs stay on their side of the river.
    first, second, border = graph.borders(np.where(along, 1e-3, 1.0) * graph.length_m)
    touching: list[dict[int, float]] = [{} for _ in range(graph.count)]
    for a, b, length in zip(into[first].tolist(), into[second].tolist(), border.tolist(), strict=True):
        if a != b:
            touching[a][b] = touching[a].get(b, 0.0) + length
            touching[b][a] = touching[b].get(a, 0.0) + length
    crumbs = np.flatnonzero((village < 0) & (area < _TINY * usual_m2))
    for crumb in crumbs[np.argsort(area[crumbs], kind="stable")].tolist():
        if area[crumb] >= _TINY * usual_m2[crumb] or not touching[crumb]:
            continue
        taker = max(touching[crumb].items(), key=lambda each: (each[1], -each[0]))[0]
        into[into == crumb] = taker
        area[taker] += area[crumb]
        for other, length in touching[crumb].items():
            del touching[other][crumb]
            if other != taker:
                touching[taker][other] = touching[taker].get(other, 0.0) + length
                touching[other][taker] = touching[other].get(taker, 0.0) + length
    return into


def _joined_villages(graph: CellGraph, village: Ints) -> Ints:
    first, second, _ = graph.borders(graph.length_m)
    same = (village[first] == village[second]) & (village[first] >= 0)
    piece = components(graph.count, first[same], second[same])
    return np.asarray(np.unique(piece, return_index=True)[1][piece], dtype=np.int64)


def _frame(polygons: Geometries, village: Ints, villages: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    named = [None] * len(polygons)
    if villages is not None:
        named = [villages.index[each] if each >= 0 else None for each in village]
    return gpd.GeoDataFrame(
        {
            "kind": np.where(village >= 0, VILLAGE, MESH),
            "village": pd.Series(named, dtype=object),
            "area_m2": area_m2(polygons),
        },
        geometry=polygons,
        crs=STORED_CRS,
    )
