"""Run the reader in a process of its own, and turn whatever becomes of it into one clear error."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from gisgrid import errors
from gisgrid.errors import GisgridError, UnreadableFile, UnsafeFile
from gisgrid.ingest.limits import Limits
from gisgrid.text import Text

REQUEST, REPLY = "request.json", "reply.json"

KEPT_VARIABLES = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LANG",
    "TZ",
    "COVERAGE_PROCESS_START",
)
"""All that the reader learns of our environment: no password, no proxy, no GDAL option gets in."""

_SMALLER = Text(
    zh="请确认文件没有损坏，或拆分成较小的文件后重试。",
    en="Check that the file is not damaged, or split it into smaller files, and try again.",
)


def run_reader(request: dict[str, Any], scratch: Path, limits: Limits, file: str) -> dict[str, Any]:
    """Read a file in a confined process.

    Parameters
    ----------
    request : dict
        What to read; see `gisgrid.ingest.worker`.
    scratch : Path
        An empty folder, where the reader leaves its tables.
    limits : Limits
    file : str
        The file's name for messages.

    Returns
    -------
    dict
        The reader's reply.

    Raises
    ------
    GisgridError
        The reader's own error; UnsafeFile or UnreadableFile if it was killed or crashed.
    """
    (scratch / REQUEST).write_text(json.dumps(request), encoding="utf-8")
    code = _wait_for_reader(scratch, limits, file)
    reply: dict[str, Any] | None = None
    with contextlib.suppress(OSError, ValueError):
        reply = json.loads((scratch / REPLY).read_text(encoding="utf-8"))
    if reply is None:
        raise _crash(code, file)
    if "error" in reply:
        raise error_from_dict(reply["error"], file)
    return reply


def _wait_for_reader(scratch: Path, limits: Limits, file: str) -> int:
    environment = {key: os.environ[key] for key in KEPT_VARIABLES if key in os.environ}
    environment |= {
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
    }
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell, fixed arguments
        [sys.executable, "-P", "-m", "gisgrid.ingest.worker", str(scratch)],
        cwd=scratch,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(limits.wall_s)
    except subprocess.TimeoutExpired:
        raise UnsafeFile(
            Text(
                zh=f"读取超过 {limits.wall_s:g} 秒，已停止。",
                en=f"Reading took longer than {limits.wall_s:g} s and was stopped.",
            ),
            where=file,
            todo=_SMALLER,
        ) from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _crash(code: int, file: str) -> GisgridError:
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        what = Text(
            zh="读取耗尽了允许的内存或处理器时间，已停止。",
            en="Reading used up the memory or processor time allowed, and was stopped.",
        )
        return UnsafeFile(what, where=file, todo=_SMALLER)
    what = Text(
        zh="文件内容使读取程序崩溃，无法读取。",
        en="The file's content crashed the reader; it cannot be read.",
    )
    return UnreadableFile(
        what,
        where=file,
        todo=Text(
            zh="文件可能已损坏，请用 QGIS 等软件打开检查并另存为 GeoPackage。",
            en="The file may be damaged: open it in QGIS or the like, check it, and save it as a GeoPackage.",
        ),
    )


def error_to_dict(error: GisgridError) -> dict[str, Any]:
    """A GisgridError as JSON-able values."""
    return {
        "class": type(error).__name__,
        "what": list(error.what),
        "where": error.where,
        "todo": list(error.todo),
    }


def error_from_dict(values: dict[str, Any], file: str) -> GisgridError:
    """The GisgridError that `error_to_dict` wrote down, placed in `file`."""
    kind = getattr(errors, values["class"], UnreadableFile)
    where = f"{file}: {values['where']}" if values["where"] else file
    error: GisgridError = kind(Text(*values["what"]), where=where, todo=Text(*values["todo"]))
    return error
