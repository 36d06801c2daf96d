"""GCJ-02 and BD-09, the shifted datums of China's map providers, to and from WGS 84.

Degrees throughout, x = longitude first, arrays of any one shape. Neither shift is
published. The constants are those of the implementation that leaked around 2010
and that every open converter since repeats: coordtransform
(https://github.com/wandergis/coordtransform) for both, eviltransform
(https://github.com/googollee/eviltransform) for GCJ-02. The leak takes the
Krasovsky 1940 ellipsoid; converters with 6378137 m instead differ by up to 1 cm.
On the ground WGS 84 and CGCS2000 agree to decimetres, and gisgrid takes them for
one datum.

Outside China the providers do not shift. The usual test is the bounding box
`CHINA_BOX`, which takes in parts of the neighbours, where GCJ-02 is nominal only;
outside of it GCJ-02 and BD-09 are the identity here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees: TypeAlias = NDArray[np.float64]
_Shift: TypeAlias = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in degrees: where GCJ-02 applies (eviltransform's `outOfChina`)."""

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_FREQUENCY = np.pi * 3000.0 / 180.0
# Each round of an inverse shrinks the error at least thirtyfold, so that a step below the tolerance
# (a micrometre) leaves an error far below it.
_TOLERANCE_DEG = 1e-11
_MAX_ROUNDS = 20


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 (or CGCS2000) positions to GCJ-02.

    Parameters
    ----------
    lon, lat : array_like
        Degrees. NaN stays NaN.

    Returns
    -------
    lon, lat : ndarray
        Degrees, 100 to 700 m away inside `CHINA_BOX`, unchanged outside.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(122.07, 41.12)
    >>> print(f"{lon:.6f} {lat:.6f}")
    122.075492 41.122091
    """
    return _forth(_gcj02_of, lon, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Undo `wgs84_to_gcj02`, to well under a micrometre (the popular one-step inverse errs by 1 to 10 m)."""
    return _back(_gcj02_of, lon, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Shift GCJ-02 positions to BD-09 (Baidu's degrees, not its Mercator metres).

    Parameters
    ----------
    lon, lat : array_like
        Degrees. NaN stays NaN.

    Returns
    -------
    lon, lat : ndarray
        Degrees, about 900 m away inside `CHINA_BOX`, unchanged outside.
    """
    return _forth(_bd09_of, lon, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Undo `gcj02_to_bd09`, to well under a micrometre."""
    return _back(_bd09_of, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """WGS 84 to BD-09, by way of GCJ-02."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """BD-09 to WGS 84, by way of GCJ-02."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def in_china_box(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether positions lie in `CHINA_BOX`; False for NaN."""
    x, y = _degrees(lon, lat)
    west, south, east, north = CHINA_BOX
    inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    # An infinity would only raise floating-point warnings on its way to becoming NaN.
    finite = np.isfinite(x) & np.isfinite(y)
    return np.where(finite, x, np.nan), np.where(finite, y, np.nan)


def _forth(shift: _Shift, lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    x, y = _degrees(lon, lat)
    inside = in_china_box(x, y)
    x[inside], y[inside] = shift(x[inside], y[inside])
    return x, y


def _back(shift: _Shift, lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    x, y = _degrees(lon, lat)
    west, south, east, north = CHINA_BOX
    near = (x > west - 1) & (x < east + 1) & (y > south - 1) & (y < north + 1)
    from_x, from_y = _inverse(shift, x[near], y[near])
    # Judged where they came from, so that a position just inside the box comes back to itself.
    inside = in_china_box(from_x, from_y)
    x[near], y[near] = np.where(inside, from_x, x[near]), np.where(inside, from_y, y[near])
    return x, y


def _inverse(shift: _Shift, x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    from_x, from_y = x, y
    for _ in range(_MAX_ROUNDS):
        to_x, to_y = shift(from_x, from_y)
        error_x, error_y = x - to_x, y - to_y
        from_x, from_y = from_x + error_x, from_y + error_y
        if max(np.abs(error_x).max(initial=0.0), np.abs(error_y).max(initial=0.0)) < _TOLERANCE_DEG:
            break
    return from_x, from_y


def _gcj02_of(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = np.sin(2.0 * np.pi * x)
    common = 80.0 * wave * (1.0 - wave * wave)  # 20 sin 6πx + 20 sin 2πx, as sin 3a = 3 sin a - 4 sin³ a
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (2.0 / 3.0) * (
        common
        + 20.0 * np.sin(np.pi * y)
        + 40.0 * np.sin(np.pi * y / 3.0)
        + 160.0 * np.sin(np.pi * y / 12.0)
        + 320.0 * np.sin(np.pi * y / 30.0)
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (2.0 / 3.0) * (
        common
        + 20.0 * np.sin(np.pi * x)
        + 40.0 * np.sin(np.pi * x / 3.0)
        + 150.0 * np.sin(np.pi * x / 12.0)
        + 300.0 * np.sin(np.pi * x / 30.0)
    )
    phi = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / flat**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(phi)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _bd09_of(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_FREQUENCY)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_FREQUENCY)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
