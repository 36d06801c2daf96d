"""The reading process: `python -m gisgrid.ingest.worker SCRATCH`.

Reads `request.json` in the scratch folder, and leaves there either tables and
`reply.json`, or a reply with the one error to show. Everything untrusted is
opened in here only.
"""

from __future__ import annotations

import errno
import gc
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from gisgrid.errors import GisgridError, OutputError, UnreadableFile, UnsafeFile
from gisgrid.ingest.confine import close_file_system, cut_off_network, limit_resources
from gisgrid.ingest.handover import hand_over
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.limits import Limits, require_rows
from gisgrid.ingest.opening import open_layer
from gisgrid.ingest.process import REPLY, REQUEST, error_to_dict
from gisgrid.ingest.rows import CheckedRows, check_rows
from gisgrid.text import Text

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REPAIR = Text(
    zh="请在原软件中检查这些要素，修正后重新导出。",
    en="Check these features in the software they come from, mend them, and export again.",
)


def main() -> None:
    """Read what the request names."""
    gc.disable()  # short-lived; collecting costs more than half of the time that a large CSV takes
    scratch = Path(sys.argv[1])
    request = json.loads((scratch / REQUEST).read_text(encoding="utf-8"))
    limits = Limits.from_dict(request["limits"])
    path = Path(request["path"])
    limit_resources(limits)
    cut_off_network()
    close_file_system([path, *map(Path, request["beside"])], path.parent, scratch)
    try:
        reply = _read(path, request, limits, scratch)
    except GisgridError as error:
        reply = {"error": error_to_dict(error)}
    except (MemoryError, pa.ArrowMemoryError):
        reply = {"error": error_to_dict(_out_of_memory())}
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        reply = {"error": error_to_dict(_out_of_space())}
    partial = scratch / (REPLY + ".part")
    partial.write_text(json.dumps(reply), encoding="utf-8")
    partial.rename(scratch / REPLY)


def _read(path: Path, request: dict[str, Any], limits: Limits, scratch: Path) -> dict[str, Any]:
    layer = open_layer(path, scratch, layer=request["layer"], encoding=request["encoding"], limits=limits)
    require_rows(len(layer.row), limits.rows)
    if not len(layer.row) and not layer.rejected:
        raise UnreadableFile(
            Text(zh="文件里没有数据行。", en="The file has no rows."),
            todo=Text(zh="请检查导出过程后重新导出。", en="Check how it was exported, and export it again."),
        )
    checked = None
    if layer.wkb is not None:
        checked = check_rows(layer.wkb, limits, raw=layer.raw_wkb)
        if not checked.good.any():
            raise _nothing_usable(layer, checked)
    return hand_over(layer, checked, crs_name(layer.crs), scratch)


def _nothing_usable(layer: RawLayer, checked: CheckedRows) -> UnreadableFile:
    first = checked.rejected(layer.row)[0]
    return UnreadableFile(
        Text(
            zh=f"{len(layer.row)} 行中没有一行的几何可用；第 {first.row} 行：{first.reason.zh}",
            en=f"None of its {len(layer.row)} rows has usable geometry; row {first.row}: {first.reason.en}",
        ),
        todo=_REPAIR,
    )


def crs_name(declared: str | None) -> str | None:
    """A declared CRS as "EPSG:4490" where it has a code, else as WKT; None if it makes no sense."""
    if declared is None:
        return None
    import pyproj

    try:
        crs = pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError:
        return None
    if crs.to_authority() == ("OGC", "CRS84"):
        return "EPSG:4326"
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else crs.to_wkt()


def _out_of_memory() -> UnsafeFile:
    return UnsafeFile(
        Text(zh="读取耗尽了允许的内存，已停止。", en="Reading used up the memory allowed, and was stopped."),
        todo=Text(zh="请拆分成较小的文件后重试。", en="Split it into smaller files, and try again."),
    )


def _out_of_space() -> OutputError:
    return OutputError(
        Text(zh="临时文件夹的磁盘空间不足。", en="The disk of the temporary folder is full."),
        todo=Text(
            zh="请腾出空间，或用环境变量 TMPDIR 指定别处。",
            en="Free some space, or set TMPDIR to another place.",
        ),
    )


if __name__ == "__main__":
    main()
