"""Small made-up places for the detective: 48 square cells and points that know their cell."""

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class Place:
    """Cells of 0.1° that tile a region, with points spread evenly over them."""

    cells: np.ndarray
    region: shapely.Polygon
    lon: np.ndarray
    lat: np.ndarray
    stated: np.ndarray


def place(west: float, south: float, points: int = 1200) -> Place:
    columns, rows = np.meshgrid(np.arange(8), np.arange(6))
    x, y = west + columns.ravel() * 0.1, south + rows.ravel() * 0.1
    cells = shapely.box(x, y, x + 0.1, y + 0.1)
    rng = np.random.default_rng(20150601)
    owner = np.arange(points) % cells.size
    # Denser towards the edges of the cells, up to 20 m from them: where a datum matters.
    lon = x[owner] + 0.0002 + 0.0996 * rng.beta(0.5, 0.5, points)
    lat = y[owner] + 0.0002 + 0.0996 * rng.beta(0.5, 0.5, points)
    return Place(cells, shapely.union_all(cells), lon, lat, cells[owner])


PANJIN = place(121.6, 40.7)
DENVER = place(-105.3, 39.4)
PARIS = place(2.0, 48.5)
