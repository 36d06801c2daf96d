"""All outputs of an audit into one folder: whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError
from xlsxwriter.exceptions import XlsxWriterException

from gisgrid.audit import Audit
from gisgrid.errors import OutputError
from gisgrid.report import contract
from gisgrid.report.geopackage import write_geopackage
from gisgrid.report.htmlmap import write_map
from gisgrid.report.workbook import write_workbook
from gisgrid.text import Lang, Text

Progress = Callable[[str, float], None]
Writer = Callable[[Audit, Path, Lang], None]

_TEMPORARY = ".gisgrid-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def write(audit: Audit, folder: Path, *, lang: Lang, progress: Progress | None = None) -> list[Path]:
    """Write every output of an audit into a folder.

    Everything is written into a temporary folder inside `folder` first (so on
    the same disk), then moved file by file, audit.json last: who finds an
    audit.json finds it whole, with the files that belong to it.

    Parameters
    ----------
    audit : Audit
    folder : Path
        Made if it is missing; files of an earlier audit in it are replaced.
    lang : Lang
        The language of the workbook and the map.
    progress : callable, optional
        Told (file name, share done in 0..1).

    Returns
    -------
    list of Path
        The files, audit.json last.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written. What was in the
        folder before is still there, and nothing else.
    """
    made = _missing_folders(folder)
    try:
        with as_output_error():
            folder.mkdir(parents=True, exist_ok=True)
            return _write_whole(audit, folder, lang, progress)
    except BaseException:
        for each in made:
            with suppress(OSError):
                each.rmdir()
        raise


def _missing_folders(folder: Path) -> list[Path]:
    """The folders that `write` is going to make, innermost first."""
    with suppress(OSError):
        return [each for each in (folder, *folder.parents) if not each.exists()]
    return []


def _write_whole(audit: Audit, folder: Path, lang: Lang, progress: Progress | None) -> list[Path]:
    _remove_abandoned(folder)
    with tempfile.TemporaryDirectory(
        prefix=f"{_TEMPORARY}{os.getpid()}-", dir=folder, ignore_cleanup_errors=True
    ) as name:
        fresh = Path(name)
        for done, (file, writer) in enumerate(_WRITERS.items()):
            if progress is not None:
                progress(file, done / len(_WRITERS))
            writer(audit, fresh / file, lang)
            _flush(fresh / file)
        _move(fresh, folder)
    if progress is not None:
        progress("", 1.0)
    return [folder / file for file in _WRITERS]


def _remove_abandoned(folder: Path) -> None:
    """Remove what a run that was killed left behind; its process, named in the folder, is gone."""
    for each in folder.glob(f"{_TEMPORARY}*-*"):
        process = each.name.removeprefix(_TEMPORARY).partition("-")[0]
        if process.isdigit() and each.is_dir() and not each.is_symlink() and not _is_running(int(process)):
            shutil.rmtree(each, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _flush(file: Path) -> None:
    """Force the file onto the disk: some file systems only then notice that they are full."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move(fresh: Path, folder: Path) -> None:
    """Put the new files in place; if one cannot be, put the old ones back."""
    former = fresh / "former"
    former.mkdir()
    moved: list[str] = []
    try:
        for file in _WRITERS:
            target = folder / file
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
            if target.exists() or target.is_symlink():
                target.replace(former / file)
            moved.append(file)
            (fresh / file).replace(target)
    except BaseException:
        for file in moved:
            with suppress(OSError):
                (folder / file).unlink(missing_ok=True)
                (former / file).replace(folder / file)
        raise


@contextmanager
def as_output_error() -> Iterator[None]:
    """Turn what the disk, GDAL, SQLite or the spreadsheet writer raises into an OutputError."""
    try:
        yield
    except OSError as error:
        raise _output_error(error) from error
    except (DataSourceError, DataLayerError, sqlite3.Error, XlsxWriterException) as error:
        raise OutputError(
            Text(zh="结果文件没有写成。", en="The results could not be written."),
            todo=Text(
                zh="磁盘可能已满：请腾出空间，或用 --out 换一个文件夹，再运行一次。原有结果没有改动。",
                en="The disk may be full: free some space or choose another folder with --out, and run it "
                "again. Earlier results are unchanged.",
            ),
        ) from error


def _output_error(error: OSError) -> OutputError:
    if error.errno in _FULL:
        what = Text(
            zh="磁盘空间不足，结果没有写成。", en="The disk is full; the results could not be written."
        )
        todo = Text(
            zh="请腾出空间，或用 --out 换一个磁盘上的文件夹，再运行一次。原有结果没有改动。",
            en="Free some space or choose a folder on another disk with --out, and run it again. "
            "Earlier results are unchanged.",
        )
    elif error.errno in _FORBIDDEN:
        what = Text(zh="没有权限写入输出文件夹。", en="The output folder may not be written to.")
        todo = Text(
            zh="请用 --out 选择一个您有写入权限的文件夹。",
            en="Choose a folder that you may write to with --out.",
        )
    elif error.errno in {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}:
        what = Text(
            zh="输出位置被同名的文件或文件夹占用。", en="A file or folder of the same name is in the way."
        )
        todo = Text(
            zh="请移走它，或用 --out 换一个文件夹。", en="Move it away, or choose another folder with --out."
        )
    else:
        what = Text(zh="结果没有写成。", en="The results could not be written.")
        todo = Text(
            zh="请检查磁盘，或用 --out 换一个文件夹，再运行一次。",
            en="Check the disk or choose another folder with --out, and run it again.",
        )
    return OutputError(what, todo=todo, where=os.strerror(error.errno) if error.errno else "")


def _write_json(audit: Audit, file: Path, _lang: Lang) -> None:
    file.write_text(contract.dumps(audit), encoding="utf-8")


_WRITERS: dict[str, Writer] = {
    "audit.gpkg": write_geopackage,
    "audit.xlsx": write_workbook,
    "map.html": write_map,
    "audit.json": _write_json,
}
"""In the order in which they are put in place: audit.json last."""

OUTPUTS = tuple(_WRITERS)
"""The names of the files that `write` writes."""
