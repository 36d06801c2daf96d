"""Files sent as the body of a request: streamed to a folder of their own, counted, and taken away."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from fastapi import Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.drafts import Planner
from api.errors import TooManyRequests, Unprocessable
from gisgrid.text import Text

MAX_FILE_BYTES: Final = 64 * 2**20
UPLOAD_S: Final = 60.0
"""For all of a file to arrive."""
_AT_ONCE: Final = asyncio.Semaphore(2)
"""Each holds one of the turns at the database while it arrives."""
_SUFFIXES: Final = frozenset(
    (".gpkg", ".geojson", ".json", ".zip", ".fgb", ".parquet", ".kml", ".kmz", ".topojson", ".csv", ".xlsx")
)
_BUSY: Final = Text(zh="正在上传的文件太多。", en="Too many files are being sent.")
_LATER: Final = Text(zh="请稍后重试。", en="Try again in a moment.")


@dataclass(frozen=True)
class Upload:
    """A file that was sent: where it lies, under a name of ours, and what its owner calls it."""

    path: Path
    name: str


async def _upload(
    request: Request, planner: Planner, filename: Annotated[str, Query(min_length=1, max_length=200)]
) -> AsyncIterator[Upload]:
    if _AT_ONCE.locked():
        raise TooManyRequests(_BUSY, todo=_LATER, retry_after_s=5)
    name = "".join(each if each.isprintable() else "?" for each in filename)
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    folder = Path(await run_in_threadpool(tempfile.mkdtemp, prefix="gisgrid-upload-"))
    try:
        path = folder / f"upload{suffix if suffix in _SUFFIXES else ''}"
        async with _AT_ONCE:
            await _receive(request, path)
        yield Upload(path, name)
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


async def _receive(request: Request, path: Path) -> None:
    got = 0
    try:
        async with asyncio.timeout(UPLOAD_S):
            with path.open("wb") as file:
                async for piece in request.stream():
                    got += len(piece)
                    await run_in_threadpool(file.write, piece)
    except TimeoutError:
        slow = Text(zh="文件发送过慢。", en="The file came too slowly.")
        raise Unprocessable(slow, todo=_LATER) from None
    if not got:
        empty = Text(zh="没有收到文件。", en="No file was sent.")
        raise Unprocessable(
            empty,
            todo=Text(zh="请把文件作为请求内容发送。", en="Send the file as the body of the request."),
        )


UploadedFile = Annotated[Upload, Depends(_upload)]
"""The body of the request as a file; `filename` in the address says what it is called."""
