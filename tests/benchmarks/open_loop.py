"""Requests sent on a timetable, whether or not earlier ones were answered.

A closed loop, which waits for an answer before it asks again, measures a slow
server kindly: it stops asking. Here every latency counts from the moment the
request was due.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Latencies:
    """Milliseconds from when each request was due to its answer, and how many failed."""

    ms: NDArray[np.float64]
    failed: int

    def percentile(self, share: int) -> float:
        """The latency that `share` percent of the requests stay under, ms."""
        return float(np.percentile(self.ms, share))

    def __str__(self) -> str:
        return (
            f"p50 {self.percentile(50):.0f}, p95 {self.percentile(95):.0f}, p99 {self.percentile(99):.0f} ms"
            f" of {len(self.ms)}, {self.failed} failed"
        )


def measure(
    base: str, paths: Sequence[str], *, per_second: float, token: str | None = None, warm: int = 20
) -> Latencies:
    """Ask for the paths, one every 1/`per_second` seconds, after `warm` requests that do not count."""
    return asyncio.run(_measure(base, paths, per_second, token, warm))


async def _measure(
    base: str, paths: Sequence[str], per_second: float, token: str | None, warm: int
) -> Latencies:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=30) as client:
        for path in paths[:warm]:
            await client.get(path)
        begin = time.perf_counter() + 0.1
        answers = await asyncio.gather(
            *(_ask(client, path, begin + at / per_second) for at, path in enumerate(paths))
        )
    ms = np.array([seconds * 1000 for seconds, _ in answers])
    return Latencies(ms, sum(not fine for _, fine in answers))


async def _ask(client: httpx.AsyncClient, path: str, due: float) -> tuple[float, bool]:
    await asyncio.sleep(max(due - time.perf_counter(), 0))
    try:
        fine = (await client.get(path)).status_code in (200, 204)
    except httpx.HTTPError:
        fine = False
    return time.perf_counter() - due, fine
