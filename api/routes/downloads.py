"""Layers as files."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from api.caching import freshness, is_fresh, make_etag, not_modified
from api.errors import Unavailable
from api.layer_reading import OneLayer
from api.ogc.parameters import bad_parameter, given, read_place_and_filter
from gisgrid.publication.layer_files import MEDIA_TYPES, Format, write_layer
from gisgrid.store.layer_rows import LayerRows
from gisgrid.text import Text

router = APIRouter(tags=["layers"])

_KNOWN: Final = frozenset({"format", "plan", "bbox", "bbox-crs", "filter", "filter-lang", "filter-crs", "v"})
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Files being written: each holds a thread and a connection of those that answer everybody."""
_WAIT_S: Final = 5
_BUSY: Final = Unavailable(
    Text(zh="正在生成的下载太多。", en="Too many downloads are being made."),
    todo=Text(zh="请稍后重试。", en="Try again in a moment."),
)


@router.get("/api/layers/{layer_id}/download", response_class=FileResponse)
def download_layer(request: Request, reading: OneLayer) -> Response:
    """The layer as a file: `format`, and what to leave out by `bbox` and `filter`."""
    values = given(request.query_params, _KNOWN)
    kind = _format(values.get("format", Format.GEOJSON.value))
    rows = LayerRows(reading.layer, reading.plan, read_place_and_filter(values))
    etag = make_etag(reading.version, "download", request.url.query)
    if is_fresh(request, etag):
        return not_modified(etag, private=reading.is_private)
    folder = Path(tempfile.mkdtemp(prefix="gisgrid-download-"))
    try:
        path = folder / f"{reading.layer.id}.{kind.value}"
        with _one_of_few():
            write_layer(reading.session, rows, kind, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        path,
        media_type=MEDIA_TYPES[kind],
        filename=f"gisgrid-{reading.layer.id}-{date.today().isoformat()}.{kind.value}",
        headers=freshness(etag, private=reading.is_private),
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _format(said: str) -> Format:
    if said not in list(Format):
        listed = ", ".join(Format)
        raise bad_parameter("format", f"格式应为 {listed} 之一。", f"The format must be one of {listed}.")
    return Format(said)


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_WAIT_S):
        raise _BUSY
    try:
        yield
    finally:
        _AT_ONCE.release()
