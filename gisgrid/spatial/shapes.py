"""Lines and polygons near each other or near points, in pieces small enough to be quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.spatial.measure import Geometries
from gisgrid.spatial.nearness import Neighbourhood, nearest_of

Ints = NDArray[np.int64]

_PIECE_VERTICES: Final = 128
_PIECE_DEG: Final = 0.25
_HALVINGS: Final = 14
_PIECES_AT_A_TIME: Final = 2_000


@dataclass(frozen=True)
class Pieces:
    """n geometries and the row that each is a part of, ascending."""

    geometry: Geometries
    row: Ints
    are_points: bool

    def __len__(self) -> int:
        return len(self.row)


def pieces_of(geometries: Geometries, row: Ints) -> Pieces:
    """Cut lines and polygons into small ones that together are the same set of points.

    A source then meets only the part of a river or of a reserve that is near it.
    An invalid polygon is left whole.
    """
    done: list[tuple[Geometries, Ints]] = []
    geometries = np.asarray(geometries, dtype=object)
    for _ in range(_HALVINGS):
        box = shapely.bounds(geometries)
        width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
        large = (shapely.get_num_coordinates(geometries) > _PIECE_VERTICES) | (
            np.maximum(width, height) > _PIECE_DEG
        )
        large &= (np.maximum(width, height) > 1e-6) & shapely.is_valid(geometries)
        done.append((geometries[~large], row[~large]))
        geometries, row, box = geometries[large], row[large], box[large]
        if not len(row):
            break
        west, south, east, north = box.T
        middle = (box[:, :2] + box[:, 2:]) / 2
        tall = (north - south) > (east - west)
        first = shapely.box(
            west, south, np.where(tall, east, middle[:, 0]), np.where(tall, middle[:, 1], north)
        )
        second = shapely.box(
            np.where(tall, west, middle[:, 0]), np.where(tall, middle[:, 1], south), east, north
        )
        halves = np.concatenate([shapely.intersection(geometries, half) for half in (first, second)])
        row = np.tile(row, 2)
        present = ~shapely.is_empty(halves)
        geometries, row = halves[present], row[present]
    done.append((geometries, row))
    geometry = np.concatenate([each for each, _ in done])
    owner = np.concatenate([each for _, each in done])
    order = np.argsort(owner, kind="stable")
    return Pieces(geometry[order], owner[order], are_points=False)


def near_pairs(sources: Pieces, receptors: Pieces, reach_m: float) -> Iterator[tuple[pd.DataFrame, float]]:
    """Pairs of a source and a receptor within reach, each listed once.

    Yields
    ------
    (DataFrame, float)
        Columns `source`, `receptor` (rows), `distance_m`, `bearing_deg`; and the share done.
    """
    if not len(sources) or not len(receptors):
        return
    neighbourhood = Neighbourhood(receptors.geometry)
    new = np.flatnonzero(np.r_[True, np.diff(sources.row) != 0])
    cuts = new[np.flatnonzero(np.diff(new // _PIECES_AT_A_TIME)) + 1]
    for some in np.split(np.arange(len(sources)), cuts):
        box, target = neighbourhood.within(shapely.bounds(sources.geometry[some]), reach_m)
        here, there = sources.geometry[some[box]], receptors.geometry[target]
        nearest = nearest_of(there, here).reversed() if receptors.are_points else nearest_of(here, there)
        pairs = pd.DataFrame(
            {
                "source": sources.row[some[box]],
                "receptor": receptors.row[target],
                "distance_m": nearest.distance_m,
                "bearing_deg": nearest.bearing_deg,
            }
        )
        pairs = pairs[pairs["distance_m"] <= reach_m].sort_values(["source", "receptor", "distance_m"])
        yield pairs.drop_duplicates(["source", "receptor"]), (some[-1] + 1) / len(sources)
