"""Files of a little region, 20 by 10 km with two counties and four townships; and what the database holds."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import shapely
from sqlalchemy import text

from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.outcome import Outcome
from gisgrid.importing.plans import Target
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.model import SCHEMA
from gisgrid.store.database import Database
from tests.squares import box, place

KM = 1000.0
SQUARES: tuple[tuple[tuple[str, str | None, tuple[float, float, float, float], str], ...], ...] = (
    (("2111", None, (0, 0, 20, 10), "示例市"),),
    (("211101", "2111", (0, 0, 10, 10), "西县"), ("211102", "2111", (10, 0, 20, 10), "东县")),
    (
        ("211101001", "211101", (0, 0, 5, 10), "一镇"),
        ("211101002", "211101", (5, 0, 10, 10), "二镇"),
        ("211102001", "211102", (10, 0, 15, 10), "三镇"),
        ("211102002", "211102", (15, 0, 20, 10), "四镇"),
    ),
)


def feature(bounds: tuple[float, float, float, float], **properties: object) -> dict[str, object]:
    """A rectangle, kilometres from the south-west corner."""
    outline = json.loads(shapely.to_geojson(box(*(each * KM for each in bounds))))
    return {"type": "Feature", "properties": properties, "geometry": outline}


def write_layer(path: Path, features: Sequence[dict[str, object]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), "utf-8")
    return path


def level_files(folder: Path, **renamed: str) -> tuple[LevelFile, ...]:
    """The three files; `renamed` gives grids another name by code, as c211101001="新镇"."""
    files = []
    for level, rows in enumerate(SQUARES, 1):
        features = [
            feature(
                bounds,
                code=code,
                parent=parent,
                name=renamed.get(f"c{code}", name),
                category="镇" if level == 3 else None,
            )
            for code, parent, bounds, name in rows
        ]
        files.append(LevelFile(write_layer(folder / f"level{level}.geojson", features), "EPSG:4490"))
    return tuple(files)


def bring_grids(
    database: Database,
    files: Sequence[LevelFile],
    target: Target | None = None,
    *,
    remove: bool = False,
    rehearse: bool = False,
) -> Outcome:
    wanted = GridImport(AuditRequest(tuple(files)), target or Target(), remove)
    return import_grids(database, wanted, rehearse=rehearse)


def write_rows(path: Path, header: str, rows: Sequence[str], *, encoding: str = "utf-8") -> Path:
    """A CSV whose cells are separated by | in the test."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerows([header.split("|"), *(row.split("|") for row in rows)])
    return path


def write_sources(path: Path, rows: Sequence[tuple[str, float, float, str]]) -> Path:
    """A register: number, kilometres east and north, and the other cells (name|credit code|class|kind)."""
    lines = []
    for number, x, y, cells in rows:
        spot = place(shapely.Point(x * KM, y * KM))
        lines.append(f"{number}|{cells}|{spot.x:.9f}|{spot.y:.9f}")
    return write_rows(path, "污染源编号|名称|统一社会信用代码|管理类别|类型|经度|纬度", lines)


def bring_sources(database: Database, path: Path, *, remove: bool = False, rehearse: bool = False) -> Outcome:
    return import_sources(
        database, RegisterImport(PointFile(path, "EPSG:4490"), None, remove), rehearse=rehearse
    )


def column(database: Database, query: str) -> list[object]:
    """The first column of a query, in which {s} is the schema."""
    with database.operating() as session:
        return list(session.scalars(text(query.format(s=SCHEMA))))


def fingerprint(database: Database) -> dict[str, object]:
    """Of every table: which transaction wrote each row, and how often the table was written to."""
    with database.operating() as session:
        tables = session.scalars(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = :s ORDER BY 1"),
            {"s": SCHEMA},
        ).all()
        return {
            table: session.scalar(
                text(f"SELECT array_agg(xmin::text || ctid::text ORDER BY ctid)::text FROM {SCHEMA}.{table}")  # noqa: S608
            )
            for table in tables
        }
