"""The web client: its one page at /, its files under /assets."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST = Path(__file__).parent / "web" / "dist"

_NOT_BUILT = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>gisgrid</title>
<h1>网页还没有构建</h1><p>接口可用：<a href="/ogc">/ogc</a>。构建网页：在 <code>api/web</code> 中运行
<code>npm ci &amp;&amp; npm run build</code>，再刷新本页。</p>
<h1 lang="en">The web page has not been built</h1><p lang="en">The interfaces work: <a href="/ogc">/ogc</a>.
To build the page, run <code>npm ci &amp;&amp; npm run build</code> in <code>api/web</code> and reload.</p>"""


_SMALLER = frozenset({".js", ".mjs", ".css", ".svg"})
"""What is worth compressing."""


class _Assets(StaticFiles):
    """Files whose names hold a hash of their content: kept for ever, and compressed for who takes that."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code not in (200, 304):
            return response
        kept = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        response.headers.update(kept)
        takes = Headers(scope=scope).get("accept-encoding", "")
        if not isinstance(response, FileResponse) or scope["method"] != "GET" or not _GZIP.search(takes):
            return response
        file = Path(response.path)
        if file.suffix not in _SMALLER:
            return response
        body = await run_in_threadpool(_compressed, file)
        return Response(body, media_type=response.media_type, headers={**kept, "Content-Encoding": "gzip"})


_GZIP = re.compile(
    r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)", re.IGNORECASE
)


@lru_cache(maxsize=64)
def _compressed(file: Path) -> bytes:
    """Done once: the name changes with the content."""
    return gzip.compress(file.read_bytes(), 6, mtime=0)


def serve(app: FastAPI, folder: Path = DIST) -> None:
    """Add the client's addresses to an application."""

    def page() -> Response:
        index = folder / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503, {"Cache-Control": "no-store"})
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    def loose_file(request: Request) -> Response:
        """An icon, a manifest: the files beside index.html, and no others."""
        return FileResponse(folder / request.url.path[1:], headers={"Cache-Control": "no-cache"})

    app.add_api_route("/", page, methods=["GET", "HEAD"], include_in_schema=False)
    beside = (each.name for each in folder.iterdir() if each.is_file()) if folder.is_dir() else ()
    for name in sorted(beside):
        if name != "index.html" and not name.startswith("."):
            app.add_api_route(f"/{name}", loose_file, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")
