"""Make invalid polygons valid, in a process that can be killed.

`make_valid` on a polygon of 100,000 random self-crossing vertices would run for
days, and nothing inside the library stops it.

Run as a program, this reads length-prefixed WKB on standard input and answers
each with length-prefixed WKB on standard output, empty where nothing is left.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import IO

import shapely

_READY = b"+"  # the interpreter and its libraries are loaded: only now does time count
_LENGTH = struct.Struct("<I")


def mend(polygons: Sequence[bytes], *, total_s: float, one_s: float) -> list[bytes | None]:
    """Make polygons valid.

    Parameters
    ----------
    polygons : sequence of bytes
        n polygons or multipolygons as WKB; the cheap ones should come first.
    total_s, one_s : float
        Seconds for all, and for one of them.

    Returns
    -------
    list of n bytes or None
        WKB, the same as given if it is valid; b"" where nothing but lines and
        points is left of it; None where the time was not enough.
    """
    mended: list[bytes | None] = []
    deadline = time.monotonic() + total_s
    while len(mended) < len(polygons) and time.monotonic() < deadline:
        mended.extend(_in_one_process(polygons[len(mended) :], deadline, one_s))
    return mended + [None] * (len(polygons) - len(mended))


def _in_one_process(polygons: Sequence[bytes], deadline: float, one_s: float) -> Iterator[bytes | None]:
    """Answers until one takes too long, which gets None; the rest is left to another process."""
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell, fixed arguments
        [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None  # noqa: S101 - tells mypy
    assert process.stdout is not None  # noqa: S101 - tells mypy
    threading.Thread(target=_send, args=(process.stdin, polygons), daemon=True).start()
    try:
        _read_exactly(process.stdout, len(_READY), deadline)
        for _ in polygons:
            answer = _receive(process.stdout, min(deadline, time.monotonic() + one_s))
            yield answer
            if answer is None:
                return
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _send(pipe: IO[bytes], polygons: Sequence[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError, ValueError, OSError):
        for polygon in polygons:
            pipe.write(_LENGTH.pack(len(polygon)) + polygon)
            pipe.flush()
        pipe.close()


def _receive(pipe: IO[bytes], until: float) -> bytes | None:
    head = _read_exactly(pipe, _LENGTH.size, until)
    return None if head is None else _read_exactly(pipe, _LENGTH.unpack(head)[0], until)


def _read_exactly(pipe: IO[bytes], size: int, until: float) -> bytes | None:
    chunks = b""
    while len(chunks) < size:
        ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
        chunk = os.read(pipe.fileno(), size - len(chunks)) if ready else b""
        if not chunk:
            return None
        chunks += chunk
    return chunks


def _valid(polygon: bytes) -> bytes:
    valid = shapely.make_valid(shapely.from_wkb(polygon), method="structure", keep_collapsed=False)
    areal = valid.geom_type in ("Polygon", "MultiPolygon") and not valid.is_empty
    return shapely.to_wkb(valid) if areal else b""


def main() -> None:
    """Answer until standard input ends."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(_READY)
    target.flush()
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        given = source.read(_LENGTH.unpack(head)[0])
        answer = given if shapely.is_valid(shapely.from_wkb(given)) else _valid(given)
        target.write(_LENGTH.pack(len(answer)) + answer)
        target.flush()


if __name__ == "__main__":
    main()
