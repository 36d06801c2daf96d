"""Read a file of rows, with or without geometry, whatever its format and however it was made."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

from gisgrid.errors import UnreadableFile, UnsafeFile
from gisgrid.ingest.handover import take_over
from gisgrid.ingest.limits import Limits, MiB
from gisgrid.ingest.process import run_reader
from gisgrid.ingest.table import Table
from gisgrid.text import Text

_DEFAULT_LIMITS = Limits()
_CHECK_NAME = Text(zh="请检查文件名和所在文件夹。", en="Check the file's name and folder.")


def read(
    path: Path, *, encoding: str | None = None, layer: str | None = None, limits: Limits = _DEFAULT_LIMITS
) -> Table:
    """Read the rows of one layer of a file.

    The file is opened in a confined process only, so that a hostile or damaged
    one ends in one clear error.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON (also one feature a line), Shapefile (plain or
        zipped), GeoParquet, FlatGeobuf, KML or KMZ, TopoJSON; CSV and Excel for
        tables. The content decides, not the name.
    encoding : str, optional
        Of text, where the format leaves it open; otherwise found.
    layer : str, optional
        The layer or sheet; by default the first with rows.
    limits : Limits
        What reading may cost.

    Returns
    -------
    Table
        In the file's coordinates. Rows that cannot be used are in `rejected`.

    Raises
    ------
    UnreadableFile
        If there is no such file, or nothing in it can be read.
    UnsafeFile
        If it would exhaust the machine or reach outside itself.
    InputError
        If there is no such layer or encoding.
    """
    source = _existing_file(Path(path), limits)
    beside = [
        each.resolve()
        for each in source.parent.iterdir()
        if each.stem.lower() == source.stem.lower() or each.name == f"{source.name}-wal"
    ]
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        scratch = Path(folder).resolve()
        request = {
            "path": str(source),
            "beside": [str(each) for each in beside],
            "encoding": encoding,
            "layer": layer,
            "limits": limits.as_dict(),
        }
        reply = run_reader(request, scratch, limits, Path(path).name)
        return take_over(reply, scratch, Path(path).name)


def _existing_file(path: Path, limits: Limits) -> Path:
    """The file behind a path, which must be a regular one: not a device, a pipe or an address."""
    try:
        resolved = path.resolve(strict=True)
        status = resolved.stat()
    except (OSError, RuntimeError, ValueError):
        raise UnreadableFile(
            Text(zh="没有这个文件。", en="There is no such file."), where=path.name, todo=_CHECK_NAME
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile(
            Text(zh="这是文件夹，不是文件。", en="This is a folder, not a file."),
            where=path.name,
            todo=Text(zh="请给出其中的数据文件。", en="Give the file of data inside it."),
        )
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFile(
            Text(zh="这是设备或管道，不是普通文件。", en="This is a device or a pipe, not a regular file."),
            where=path.name,
            todo=_CHECK_NAME,
        )
    if status.st_size > limits.file_bytes:
        raise UnsafeFile(
            Text(
                zh=f"文件有 {status.st_size / MiB:.0f} MiB，超过 {limits.file_bytes / MiB:.0f} MiB。",
                en=f"It has {status.st_size / MiB:.0f} MiB, more than {limits.file_bytes / MiB:.0f} MiB.",
            ),
            where=path.name,
            todo=Text(zh="请拆分后分别读取。", en="Split it and read the parts."),
        )
    if not _is_readable(resolved):
        raise UnreadableFile(
            Text(zh="没有读取这个文件的权限。", en="Reading this file is not permitted."),
            where=path.name,
            todo=Text(zh="请检查文件权限。", en="Check its permissions."),
        )
    return resolved


def _is_readable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True
