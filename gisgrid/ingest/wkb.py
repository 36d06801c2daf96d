"""Look at well-known binary before a geometry library parses it.

GEOS has no depth limit: collections nested 20,000 deep overflow its stack. So
the types are read straight from the buffer, and whatever may nest is walked
without recursion.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
CURVES = frozenset(range(8, 15))  # circular string ... surface (SFA 1.2, table 2)
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
_HEADER_BYTES = 5


class Views(NamedTuple):
    """The bytes of n binaries, and where each begins and ends."""

    content: NDArray[np.uint8]
    begin: Ints
    end: Ints


def views(wkb: pa.Array) -> Views:
    """The buffers of a binary array, without copying."""
    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, content = wkb.buffers()
    ends = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    bytes_ = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    return Views(bytes_, ends[:-1].astype(np.int64), ends[1:].astype(np.int64))


def codes(wkb: pa.Array) -> Ints:
    """The raw type code of each geometry; -1 where it is missing or has no header."""
    view = views(wkb)
    found = np.full(len(wkb), -1, np.int64)
    whole = (view.end - view.begin >= _HEADER_BYTES) & ~wkb.is_null().to_numpy(zero_copy_only=False)
    if not whole.any():
        return found
    at = view.begin[whole]
    head = view.content[at[:, None] + np.arange(_HEADER_BYTES)]
    little = head[:, 1:].copy().view("<u4").ravel().astype(np.int64)
    big = head[:, 1:].copy().view(">u4").ravel().astype(np.int64)
    found[whole] = np.where(head[:, 0] == 1, little, np.where(head[:, 0] == 0, big, -1))
    return found


def base_types(code: Ints) -> Ints:
    """The OGC type (1 point ... 7 collection, 8 and more curves) of raw codes, without Z, M and SRID."""
    return np.where(code < 0, -1, (code & 0x1FFFFFFF) % 1000)


def has_curves(wkb: pa.Array) -> bool:
    """Whether any geometry has arcs (or may: curves only occur inside types of their own and collections)."""
    return bool(np.isin(base_types(codes(wkb)), list(CURVES)).any())


def plain_points(wkb: pa.Array) -> NDArray[np.float64] | None:
    """x and y of each, shape (n, 2), if all are two-dimensional little-endian points; else None."""
    view = views(wkb)
    size = 21
    if len(wkb) == 0 or wkb.null_count or (view.end - view.begin != size).any():
        return None
    block = view.content[view.begin[0] : view.end[-1]].reshape(len(wkb), size)
    if (block[:, :5] != np.frombuffer(struct.pack("<BI", 1, POINT), np.uint8)).any():
        return None
    return np.ascontiguousarray(block[:, 5:]).view("<f8").reshape(len(wkb), 2)


def depth(geometry: bytes, limit: int) -> int:
    """How deep collections and multi-geometries nest; `limit + 1` if deeper, -1 if damaged.

    Examples
    --------
    >>> point = struct.pack("<BIdd", 1, POINT, 122.0, 41.0)
    >>> nested = struct.pack("<BII", 1, COLLECTION, 1) + point
    >>> depth(point, 30), depth(nested, 30), depth(nested[:-1], 30)
    (1, 2, -1)
    """
    at, deepest = 0, 1
    left = [1]  # how many members remain to be read at each depth
    try:
        while left:
            if left[-1] == 0:
                left.pop()
                continue
            left[-1] -= 1
            deepest = max(deepest, len(left))
            if len(left) > limit:
                return limit + 1
            at, members = _skip(geometry, at)
            if members:
                left.append(members)
    except (struct.error, ValueError):
        return -1
    return deepest if at <= len(geometry) else -1


def _skip(geometry: bytes, at: int) -> tuple[int, int]:
    """Skip one geometry's own bytes: the new position, and how many members follow."""
    order = "<" if geometry[at : at + 1] == b"\x01" else ">"
    (code,) = struct.unpack_from(order + "I", geometry, at + 1)
    at += _HEADER_BYTES + (4 if code & _EWKB_SRID else 0)
    kind = (code & 0x1FFFFFFF) % 1000
    thousands = (code & 0x1FFFFFFF) // 1000
    dimensions = 2 + ((1, 1) if thousands == 3 else (thousands > 0, 0))[0] + (thousands == 3)
    dimensions = max(dimensions, 2 + bool(code & _EWKB_Z) + bool(code & _EWKB_M))
    if kind == POINT:
        return _within(geometry, at + 8 * dimensions), 0
    (count,) = struct.unpack_from(order + "I", geometry, at)
    at += 4
    if kind == LINE:
        return _within(geometry, at + 8 * dimensions * count), 0
    if kind == POLYGON:
        for _ in range(count):
            (vertices,) = struct.unpack_from(order + "I", geometry, at)
            at = _within(geometry, at + 4 + 8 * dimensions * vertices)
        return at, 0
    if MULTIPOINT <= kind <= COLLECTION:
        if count * _HEADER_BYTES > len(geometry):
            raise ValueError("more members than bytes")
        return at, count
    raise ValueError("not a simple feature")


def _within(geometry: bytes, at: int) -> int:
    if at > len(geometry):
        raise ValueError("shorter than it says")
    return at
