"""All files of a request, read at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gisgrid.audit.request import AuditRequest
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table


def read_files(request: AuditRequest) -> Mapping[Path, Table]:
    """Read every file that a request names, each in a confined process of its own, side by side.

    Raises
    ------
    InputError
        The first, in the order of the request, that cannot be read.
    """
    points = [each.path for each in (request.sources, request.receptors) if each is not None]
    allowed = [request.allowed_gaps] if request.allowed_gaps is not None else []
    paths = list(dict.fromkeys([*(each.path for each in request.level_files), *points, *allowed]))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        tables = pool.map(lambda path: read(path, encoding=request.encoding), paths)
        return dict(zip(paths, tables, strict=True))
