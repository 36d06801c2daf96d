"""Check a GeoPackage, which is an SQLite database, before GDAL sees it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from gisgrid.errors import UnreadableFile, UnsafeFile
from gisgrid.text import Text

_WAL_FLAG = slice(18, 20)  # SQLite's file format: read and write version, 2 where a write-ahead log is used
_RTREE = re.compile(
    r'CREATE VIRTUAL TABLE\s+(?:IF NOT EXISTS\s+)?["\'\[]?rtree_.+\bUSING\s+"?rtree"?\s*\(', re.I | re.S
)
_OWN_TRIGGERS = re.compile(
    r"^(?:rtree_|gpkg_|trigger_insert_feature_count_|trigger_delete_feature_count_|fgti_|fgtd_)",
    re.IGNORECASE,
)
_OWN_VIEWS = {"st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"}
_CALL = re.compile(r"[\w\"\]]\s*\(")  # the standard's compatibility views select columns and call nothing
_SAVE_AGAIN = Text(
    zh="请在 QGIS 中把图层另存为新的 GeoPackage。", en="Save the layer as a new GeoPackage in QGIS."
)


def working_copy(path: Path, scratch: Path) -> Path:
    """The path under which a GeoPackage can be read without writing beside the original.

    One with a write-ahead log (left open in QGIS) is copied with its log, which holds the newest rows.
    """
    link = scratch / "layer.gpkg"
    with path.open("rb") as stream:
        wal = stream.read(20)[_WAL_FLAG] == b"\x02\x02"
    if not wal:
        link.symlink_to(path)
        return link
    shutil.copyfile(path, link)
    log = path.with_name(path.name + "-wal")
    if log.is_file():
        shutil.copyfile(log, scratch / "layer.gpkg-wal")
    return link


def check_geopackage(path: Path) -> None:
    """Refuse a GeoPackage that would run somebody's SQL.

    Raises
    ------
    UnsafeFile
        If it has views, triggers or virtual tables other than a GeoPackage's own.
    UnreadableFile
        If it is damaged, or another kind of SQLite database.
    """
    mode = "ro" if path.with_name(path.name + "-wal").exists() else "ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode={mode}", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            objects = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.Error:
        raise UnreadableFile(
            Text(zh="GeoPackage 已损坏或不完整。", en="The GeoPackage is damaged or incomplete."),
            todo=_SAVE_AGAIN,
        ) from None
    for kind, name, sql in objects:
        if not _is_expected(kind, str(name), str(sql)):
            raise UnsafeFile(
                Text(
                    zh=f"GeoPackage 含有不应有的{_KINDS[kind].zh}“{name}”，不予读取。",
                    en=f"The GeoPackage holds an unexpected {_KINDS[kind].en}, {name!r}: it is not read.",
                ),
                todo=_SAVE_AGAIN,
            )
    if not any(name.lower() == "gpkg_contents" for kind, name, _ in objects if kind == "table"):
        raise UnreadableFile(
            Text(
                zh="这是 SQLite 数据库，但不是 GeoPackage。",
                en="This is an SQLite database, but not a GeoPackage.",
            ),
            todo=_SAVE_AGAIN,
        )


_KINDS = {
    "view": Text(zh="视图", en="view"),
    "trigger": Text(zh="触发器", en="trigger"),
    "table": Text(zh="虚拟表", en="virtual table"),
}


def _is_expected(kind: str, name: str, sql: str) -> bool:
    if kind == "view":
        return name.lower() in _OWN_VIEWS and not _CALL.search(sql.split("AS", 1)[-1])
    if kind == "trigger":
        return _OWN_TRIGGERS.match(name) is not None
    if kind == "table" and re.search(r"\bVIRTUAL\b", sql.split("(", 1)[0], re.IGNORECASE):
        return _RTREE.match(sql.strip()) is not None
    return True
