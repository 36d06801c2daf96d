"""Edits of grids whose shared vertices differ by roundings, as dissolved files from elsewhere have them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.editing import replace
from tests.spatial.test_editing import applied

SIDE, CELL_DEG, BENDS = 4, 0.01, 6
HAIRLINE_DEG = 2e-9


def border(seed: int, start: tuple[int, int], end: tuple[int, int]) -> np.ndarray:
    """A wiggly border between two corners of the lattice, the same for both its neighbours."""
    random = np.random.default_rng([seed, *start, *end])
    a, b = np.array(start, dtype=float), np.array(end, dtype=float)
    share = np.linspace(0, 1, BENDS + 2)[:, None]
    bend = random.normal(0, 0.1, share.shape) * np.sin(np.pi * share)
    return (a + share * (b - a) + bend * (b - a)[::-1]) * CELL_DEG + [122, 41]


def world(seed: int, apart_deg: float) -> gpd.GeoDataFrame:
    """16 precincts, each rounded for itself, dissolved into 4 wards and a city."""
    random = np.random.default_rng(seed)
    cells = {}
    for x in range(SIDE):
        for y in range(SIDE):
            south, north = (border(seed, (x, at), (x + 1, at)) for at in (y, y + 1))
            west, east = (border(seed, (at, y), (at, y + 1)) for at in (x, x + 1))
            ring = np.concatenate([south[:-1], east[:-1], north[:0:-1], west[:0:-1]])
            cells[x, y] = shapely.Polygon(ring + random.normal(0, apart_deg, ring.shape))
    half = SIDE // 2
    wards = {
        (x // half, y // half): at
        for at, (x, y) in enumerate(key for key in cells if not (key[0] % half or key[1] % half))
    }
    parent = [1 + wards[x // half, y // half] for x, y in cells]
    shapes = [
        shapely.union_all(list(cells.values())),
        *(
            shapely.union_all([cell for cell, of in zip(cells.values(), parent, strict=True) if of == 1 + at])
            for at in range(4)
        ),
        *cells.values(),
    ]
    return gpd.GeoDataFrame(
        {
            "level": [1, *[2] * 4, *[3] * len(cells)],
            "parent": pd.array([None, *[0] * 4, *parent], dtype="Int64"),
            "owner": pd.array([None] * len(shapes), dtype="Int64"),
            "kind": "administrative",
            "name": [str(at) for at in range(len(shapes))],
            "code": None,
        },
        geometry=np.array(shapes, dtype=object),
        crs=STORED_CRS,
    )


@pytest.mark.parametrize("apart_deg", [1e-12, 1e-11, 1e-10])
@pytest.mark.parametrize("wider_deg", [0.003, -0.002])
def test_a_ward_is_redrawn_exactly_although_its_edges_are_not_its_neighbours(
    apart_deg: float, wider_deg: float
) -> None:
    before = world(7, apart_deg)
    for ward in before.index[before["level"] == 2]:
        drawn = before.geometry[ward].buffer(wider_deg).intersection(before.geometry[0])
        after = applied(before, replace(before, ward, drawn))
        assert is_hairline(shapely.symmetric_difference(after.geometry[ward], drawn))
        for level in (1, 2, 3):
            now, former = after.geometry[after["level"] == level], before.geometry[before["level"] == level]
            assert shapely.is_valid(now.to_numpy()).all()
            assert is_hairline(shapely.symmetric_difference(now.union_all(), former.union_all()))
        for holder in after.index[after["level"] < 3]:
            held = after.geometry[(after["parent"] == holder).fillna(False)]
            assert is_hairline(shapely.symmetric_difference(held.union_all(), after.geometry[holder]))


def is_hairline(land: shapely.Geometry) -> bool:
    """Whether no part of it is as wide as the tolerance."""
    return bool(shapely.is_empty(shapely.buffer(land, -HAIRLINE_DEG, join_style="mitre")))
