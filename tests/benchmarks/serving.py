"""How fast the site answers, on Panjin and on the whole nation."""

from __future__ import annotations

import math
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import sync_playwright
from sqlalchemy.dialects import postgresql

from gisgrid.importing.demo import load_demo
from gisgrid.store.server import Role
from gisgrid.store.tiles import Tile, tile_query
from layers import all_layers
from tests.benchmarks.measurements import Report
from tests.benchmarks.national_rows import load_nation
from tests.benchmarks.open_loop import measure
from tests.benchmarks.site import Site, site
from tests.browser.chromium import launch

PANJIN = Path("data/panjin")
PER_SECOND = 20
REQUESTS = 600
SEED = 4
MEMORY_MB = 500
BIG_TILE_BYTES = 20_000
BIG_TILES = 20

Box = tuple[float, float, float, float]


def panjin(report: Report) -> None:
    """Panjin, 20 requests a second of each kind; the first map; memory."""
    with site(lambda database: load_demo(database, PANJIN)) as here:
        box = _bounds(here)
        for what, paths, limit_ms, token in (
            ("responsibility", _lookups(box), 50, None),
            ("tile of grids", _tiles("grids", box, range(8, 14)), 100, None),
            ("tile of sources", _tiles("sources", box, range(8, 14)), 100, None),
            ("100 items of sources", _pages("sources"), 150, None),
            ("tile of gaps, logged in", _tiles("coverage-gaps", box, range(8, 14)), 100, here.token),
        ):
            _line(report, here, what, paths, limit_ms, token)
        seconds = _first_map_s(here.base)
        report.line("first map in Chromium, cold cache", f"{seconds:.1f} s", wanted="< 3 s", met=seconds < 3)
        python_mb, postgres_mb = here.memory_mb()
        report.line(
            "memory of the server",
            f"{python_mb:.0f} MB",
            wanted=f"< {MEMORY_MB} MB",
            met=python_mb < MEMORY_MB,
            peer=f"PostgreSQL {postgres_mb:.0f} MB",
        )


def national(report: Report) -> None:
    """41,352 townships and a million sources: lookups, tiles, row security, tiles beside psql's."""
    with site(load_nation) as here:
        box = (104.0, 28.0, 122.0, 40.0)
        _line(report, here, "responsibility", _lookups(box), 50, None)
        _line(report, here, "tile of grids, z10", _tiles("grids", box, [10]), 150, None)
        _line(report, here, "tile of sources, z10", _tiles("sources", box, [10]), 150, None)
        _line(
            report,
            here,
            "sources inside, logged in, z10",
            _tiles("sources-internal", box, [10]),
            150,
            here.token,
        )
        _line(report, here, "100 items in a box", _boxed_pages("sources", box), 150, None)
        _row_security(report, here)
        _beside_psql(report, here, box)


def _line(
    report: Report, here: Site, what: str, paths: Sequence[str], limit_ms: float, token: str | None
) -> None:
    seen = measure(here.base, paths, per_second=PER_SECOND, token=token)
    report.line(
        f"{what}, {PER_SECOND}/s",
        str(seen),
        wanted=f"p95 < {limit_ms:.0f} ms, 0 failed",
        met=seen.percentile(95) < limit_ms and not seen.failed,
    )


def _bounds(here: Site) -> Box:
    west, south, east, north = httpx.get(f"{here.base}/api/site").json()["bounds"]
    return west, south, east, north


def _points(box: Box, count: int) -> np.ndarray:
    return np.random.default_rng(SEED).uniform(box[:2], box[2:], (count, 2))


def _lookups(box: Box) -> list[str]:
    return [
        f"/api/responsibility?lon={lon:.6f}&lat={lat:.6f}&topic=straw_burning"
        for lon, lat in _points(box, REQUESTS)
    ]


def _tiles(layer: str, box: Box, zooms: Sequence[int] | range) -> list[str]:
    numbers = [
        (zoom, *_tile_at(lon, lat, zoom))
        for (lon, lat), zoom in zip(_points(box, REQUESTS), list(zooms) * REQUESTS, strict=False)
    ]
    return [f"/tiles/{layer}/{zoom}/{x}/{y}.mvt" for zoom, x, y in numbers]


def _tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    side = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side
    return int((lon + 180) / 360 * side), int(y)


def _pages(layer: str) -> list[str]:
    return [f"/ogc/collections/{layer}/items?limit=100&offset={at % 10 * 100}" for at in range(REQUESTS)]


def _boxed_pages(layer: str, box: Box) -> list[str]:
    return [
        f"/ogc/collections/{layer}/items?limit=100&bbox={lon:.4f},{lat:.4f},{lon + 0.5:.4f},{lat + 0.5:.4f}"
        for lon, lat in _points(box, REQUESTS)
    ]


def _first_map_s(base: str) -> float:
    """Seconds from asking for the page to the first drawn map, nothing cached."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        begin = time.perf_counter()
        page.goto(base, wait_until="commit")
        # The legend lists what is drawn, and only once the map has come to rest.
        page.locator(".legend .entry").first.wait_for(timeout=30_000)
        seconds = time.perf_counter() - begin
        browser.close()
        return seconds


def _row_security(report: Report, here: Site) -> None:
    """The same box queries as the application under row security, and as a superuser without it."""
    boxes = _points((104.0, 28.0, 121.0, 39.0), 200)
    query = (
        "SELECT count(*), min(name) FROM gisgrid.source "
        "WHERE geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"
    )
    server = here.database.server
    with server.connect(Role.APP, autocommit=False) as app, server.connect(Role.SUPERUSER) as bare:
        app.execute("SELECT set_config('gisgrid.token', %s, true)", [here.token])
        ms: dict[str, list[float]] = {"app": [], "bare": []}
        for lon, lat in boxes:
            arguments = [lon, lat, lon + 1, lat + 1]
            answers = []
            for name, connection in (("app", app), ("bare", bare)):
                begin = time.perf_counter()
                answers.append(connection.execute(query, arguments).fetchone())
                ms[name].append((time.perf_counter() - begin) * 1000)
            assert answers[0] == answers[1]
    with_ms, without_ms = statistics.median(ms["app"]), statistics.median(ms["bare"])
    report.line(
        "box query under row security",
        f"{with_ms:.2f} ms",
        wanted="< 2 x without",
        met=with_ms < 2 * without_ms,
        peer=f"without: {without_ms:.2f} ms",
    )


def _beside_psql(report: Report, here: Site, box: Box) -> None:
    """Tiles over HTTP, and in psql the very statement that makes them, without row security."""
    url = here.database.server.libpq_url(Role.SUPERUSER)
    for layer_id in ("sources", "grids"):
        over_http, in_psql = [], []
        with httpx.Client(base_url=here.base, headers={"Accept-Encoding": "identity"}) as client:
            for path in _tiles(layer_id, box, [8, 9]):
                if len(client.get(path).content) < BIG_TILE_BYTES:
                    continue
                begin = time.perf_counter()
                client.get(path)
                over_http.append((time.perf_counter() - begin) * 1000)
                z, x, y = map(int, path.removesuffix(".mvt").split("/")[-3:])
                in_psql.append(_psql_ms(url, _statement(here, layer_id, Tile(z, x, y))))
                if len(over_http) == BIG_TILES:
                    break
        http_ms, psql_ms = statistics.median(over_http), statistics.median(in_psql)
        report.line(
            f"{len(over_http)} tiles of {layer_id} over 20 kB, HTTP",
            f"{http_ms:.1f} ms",
            wanted="< 2 x psql",
            met=http_ms < 2 * psql_ms,
            peer=f"psql: {psql_ms:.1f} ms",
        )


def _statement(here: Site, layer_id: str, tile: Tile) -> str:
    query = tile_query(all_layers()[layer_id], tile)
    plan = httpx.get(f"{here.base}/api/site").json()["plan"]["id"]
    bound = query.params(plan=plan).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(bound)


def _psql_ms(url: str, query: str) -> float:
    """What psql itself says the query took."""
    told = subprocess.run(
        ["psql", url, "-qAt", "-c", "\\timing on", "-c", query, "-c", query],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    _, warm = [line for line in told.splitlines() if line.startswith("Time:")]
    return float(warm.split()[1])
