"""WKB that no library would write, for tests."""

from __future__ import annotations

import struct

Ring = list[tuple[float, float]]

SQUARE: Ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]


def point(x: float, y: float) -> bytes:
    return struct.pack("<BIdd", 1, 1, x, y)


def polygon(*rings: Ring) -> bytes:
    body = b"".join(
        struct.pack("<I", len(ring)) + b"".join(struct.pack("<dd", *xy) for xy in ring) for ring in rings
    )
    return struct.pack("<BII", 1, 3, len(rings)) + body


def multi(kind: int, *members: bytes) -> bytes:
    return struct.pack("<BII", 1, kind, len(members)) + b"".join(members)


def nested(depth: int, innermost: bytes, kind: int = 7) -> bytes:
    return struct.pack("<BII", 1, kind, 1) * depth + innermost
