"""Unpack a zip archive, having first checked what it would unpack to."""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gisgrid.errors import UnreadableFile, UnsafeFile
from gisgrid.ingest.limits import Limits, MiB
from gisgrid.text import Text

_FREE_BYTES = 64 * MiB  # a small file of much repetition packs well beyond any ratio, and harms nobody
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$)", re.IGNORECASE)
_REPACK = Text(
    zh="请只把数据文件直接压缩进一个 zip，然后重试。",
    en="Put the files of data alone, directly, into one zip, and try again.",
)
_ENCRYPTED = 0x1


def check_zip(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files inside an archive, if it is safe to unpack.

    Raises
    ------
    UnsafeFile
        If it holds too many files, unpacks to too much, or names a place outside itself.
    UnreadableFile
        If it is damaged, encrypted or empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError):
        raise UnreadableFile(
            Text(zh="zip 文件已损坏或不完整。", en="The zip file is damaged or incomplete."), todo=_REPACK
        ) from None
    _refuse_bombs(entries, path.stat().st_size, limits)
    files = [each for each in entries if not each.is_dir() and not _CLUTTER.search(each.filename)]
    for each in files:
        _refuse_escape(each)
    if any(each.flag_bits & _ENCRYPTED for each in files):
        raise UnreadableFile(
            Text(zh="zip 文件有密码。", en="The zip file is protected by a password."), todo=_REPACK
        )
    if not files:
        raise UnreadableFile(Text(zh="zip 文件里没有文件。", en="The zip file holds no files."), todo=_REPACK)
    return files


def entry_name(entry: zipfile.ZipInfo) -> str:
    """An entry's name; names that are not marked as UTF-8 are GB18030 as often as not."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def unpack(path: Path, entries: dict[str, zipfile.ZipInfo], folder: Path, limits: Limits) -> None:
    """Unpack entries into `folder` under the names given, none of which comes from the archive.

    Raises
    ------
    UnsafeFile
        If they are larger than the archive says.
    UnreadableFile
        If they are damaged.
    """
    left = limits.zip_bytes
    with zipfile.ZipFile(path) as archive:
        for name, entry in entries.items():
            try:
                with archive.open(entry) as packed, (folder / name).open("wb") as target:
                    shutil.copyfileobj(_Limited(packed, min(left, entry.file_size)), target, MiB)
            except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError):
                raise UnreadableFile(
                    Text(zh="zip 里的文件已损坏。", en="A file in the zip is damaged."),
                    where=entry_name(entry),
                    todo=_REPACK,
                ) from None
            left -= entry.file_size


class _Limited:
    """A stream that refuses to give more than it promised."""

    def __init__(self, stream: object, limit: int) -> None:
        self._read = stream.read  # type: ignore[attr-defined]
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise UnsafeFile(
                Text(zh="zip 解压后比它声明的更大。", en="The zip unpacks to more than it declares."),
                todo=_REPACK,
            )
        return chunk


def _refuse_bombs(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    total = sum(each.file_size for each in entries)
    if len(entries) > limits.zip_entries:
        what = Text(
            zh=f"zip 里有 {len(entries)} 个文件，超过 {limits.zip_entries} 个。",
            en=f"The zip holds {len(entries)} files, more than {limits.zip_entries}.",
        )
    elif total > limits.zip_bytes or (total > _FREE_BYTES and total > limits.zip_ratio * packed):
        what = Text(
            zh=f"zip 解压后有 {total / MiB:.0f} MiB，压缩比异常，疑为压缩炸弹，未解压。",
            en=f"The zip would unpack to {total / MiB:.0f} MiB, out of proportion to its size: "
            "it may be a zip bomb, and was not unpacked.",
        )
    else:
        return
    raise UnsafeFile(what, todo=_REPACK)


def _refuse_escape(entry: zipfile.ZipInfo) -> None:
    name = entry_name(entry).replace("\\", "/")
    if name.startswith("/") or re.match(r"^[A-Za-z]:", name) or ".." in PurePosixPath(name).parts:
        raise UnsafeFile(
            Text(zh="zip 里的文件指向压缩包以外的位置。", en="A file in the zip points outside the archive."),
            where=name,
            todo=_REPACK,
        )
    if name.lower().endswith((".zip", ".kmz", ".rar", ".7z", ".gz", ".tar")):
        raise UnsafeFile(
            Text(
                zh="zip 里还有压缩包，不予解压。", en="The zip holds another archive, which is not unpacked."
            ),
            where=name,
            todo=_REPACK,
        )
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise UnsafeFile(
            Text(zh="zip 里有符号链接。", en="The zip holds a symbolic link."), where=name, todo=_REPACK
        )
