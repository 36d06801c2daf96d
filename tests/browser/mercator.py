"""Where the map shows a place when the page opens: the city fitted into the canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

PADDING_PX = 24


def _mercator(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator on a square of side 1, y downwards."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360, y


@dataclass(frozen=True)
class View:
    """A canvas of so many pixels that shows `bounds` with a margin, right of what lies over its left side."""

    bounds: tuple[float, float, float, float]
    width: float
    height: float
    padding_px: float = PADDING_PX
    left_px: float = 0.0
    """How much of its left side something lies over."""

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is, from the canvas' upper left corner."""
        west, north = _mercator(self.bounds[0], self.bounds[3])
        east, south = _mercator(self.bounds[2], self.bounds[1])
        scale = min(
            (self.width - self.left_px - 2 * self.padding_px) / (east - west),
            (self.height - 2 * self.padding_px) / (south - north),
        )
        x, y = _mercator(lon, lat)
        return (
            (self.width + self.left_px) / 2 + (x - (west + east) / 2) * scale,
            self.height / 2 + (y - (north + south) / 2) * scale,
        )
