"""Vector tiles read back with GDAL, which nobody here wrote."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import pyogrio

from gisgrid.store.tiles import Tile


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    """The tile that holds a place."""
    width = 2**zoom
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(zoom, int((lon + 180) / 360 * width), int(down * width))


def decoded(content: bytes, tile: Tile, folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """The layers of a tile in lon/lat, by name, features indexed by their ids."""
    # GDAL takes the tile's place from its path.
    file = folder / str(tile.z) / str(tile.x) / f"{tile.y}.mvt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    layers = {}
    for name, _ in pyogrio.list_layers(file):
        frame = pyogrio.read_dataframe(file, layer=name).set_crs(3857, allow_override=True).to_crs(4326)
        layers[str(name)] = frame.set_index("mvt_id")
    return layers
