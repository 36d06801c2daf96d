"""Polygons inside which one department exercises the powers of others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from gisgrid.audit.settle import settle
from gisgrid.crs import geometries_to_lonlat
from gisgrid.errors import WrongGeometry
from gisgrid.importing.cells import Cells, as_date, in_order, needed, parse_rows
from gisgrid.importing.duties import TableImport
from gisgrid.importing.lookups import NameFinder, departments, topics
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts, digest
from gisgrid.ingest.named import Named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table
from gisgrid.store.database import Database
from gisgrid.store.frames import stage
from gisgrid.store.merging import Merge, apply, compare, remove_missing
from gisgrid.text import Text

COLUMNS = (
    Named("uid", "uid 编号 编码 id"),
    Named("name", "名称 name", is_required=True),
    Named("to", "承接部门 行使部门 todepartment to", is_required=True),
    Named("from", "移交部门 原部门 fromdepartments from"),
    Named("topics", "事项 topics topic"),
    Named("valid_from", "起始日期 生效日期 validfrom"),
    Named("valid_to", "终止日期 失效日期 validto"),
    Named("basis", "依据 basis"),
)
_SEPARATORS = str.maketrans("；,，、", ";;;;")
_AREAL = (3, 6)

_Row = dict[str, object]


def import_transfers(database: Database, wanted: TableImport, *, rehearse: bool = False) -> Outcome:
    """Make the polygon-scoped transfers of duties those of a layer; each is known by its uid."""
    table = read(wanted.path, encoding=wanted.encoding)
    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), _AREAL).all():
        raise WrongGeometry(
            Text(zh="职责移交范围应为面。", en="Transfers of duties must be polygons."),
            where=table.file,
            todo=Text(zh="请给出面图层（GeoJSON、GeoPackage 等）。", en="Give a layer of polygons."),
        )
    check_texts(named_texts(table, COLUMNS, wanted.fields), table.file)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: TableImport, table: Table) -> Outcome:
    bodies, matters = departments(session), topics(session)
    parsed = parse_rows(
        table,
        COLUMNS,
        wanted.fields,
        lambda cells: _row(cells, bodies, matters),
        lambda row: row["uid"],
    )
    crs = str(settle(wanted.crs, table, "--crs", None).crs)
    rows = list(parsed.rows.values())
    shapes = np.asarray(table.geometry, dtype=object)[
        table.rows.index.get_indexer(pd.Index(list(parsed.rows)))
    ]
    lonlat = [
        shapely.MultiPolygon(list(shapely.get_parts(each))) for each in geometries_to_lonlat(shapes, crs)
    ]
    stage(
        session,
        "transfers",
        {
            "ord": ("bigint", list(parsed.rows)),
            "label": ("text", [row["name"] for row in rows]),
            **{each: ("text", [row[each] for row in rows]) for each in ("uid", "name", "basis")},
            "to_department_id": ("bigint", [row["to"] for row in rows]),
            "from_department_ids": ("bigint[]", [row["from"] for row in rows]),
            "topic_ids": ("bigint[]", [row["topics"] for row in rows]),
            **{each: ("date", [row[each] for row in rows]) for each in ("valid_from", "valid_to")},
            "geometry": ("geometry", np.array(lonlat, dtype=object)),
        },
    )
    merge = Merge(
        table="duty_transfer",
        staged="transfers",
        key=("uid",),
        compared=(
            *("name", "to_department_id", "from_department_ids", "topic_ids"),
            *("valid_from", "valid_to", "basis", "geometry"),
        ),
    )
    difference = compare(session, merge)
    outcome = Outcome.of(
        "transfers",
        difference,
        files=(FileRead.of_table(wanted.path, table, *parsed.rejected, crs=crs),),
        removed=remove_missing(session, merge) if wanted.remove_missing else 0,
    )
    apply(session, merge, difference)
    write_down(session, outcome)
    return outcome


def _row(cells: Cells, bodies: NameFinder, matters: NameFinder) -> _Row:
    name = needed(cells["name"], Text(zh="名称", en="name"))
    start, end = as_date(cells["valid_from"]), as_date(cells["valid_to"])
    in_order(start, end)
    return {
        "uid": cells["uid"] or f"~{digest(name)}",
        "name": name,
        "to": bodies.find(needed(cells["to"], Text(zh="承接部门", en="department that takes over"))),
        "from": _ids(cells["from"], bodies),
        "topics": _ids(cells["topics"], matters),
        "valid_from": None if start is None else start.isoformat(),
        "valid_to": None if end is None else end.isoformat(),
        "basis": cells["basis"],
    }


def _ids(cell: str | None, finder: NameFinder) -> list[int]:
    """The ids of names separated by semicolons or commas, ascending."""
    names = (cell or "").translate(_SEPARATORS).split(";")
    return sorted({finder.find(name.strip()) for name in names if name.strip()})
