"""Tables of responsibility letters (环境监管责任状) between upper and lower grids."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from gisgrid.importing.cells import BadCell, Cells, as_date, in_order, parse_rows
from gisgrid.importing.duties import TableImport
from gisgrid.importing.lookups import GridFinder
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts
from gisgrid.ingest.named import Named, find_named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table
from gisgrid.store.database import Database
from gisgrid.store.frames import stage
from gisgrid.store.merging import Merge, apply, compare, remove_missing

COLUMNS = (
    Named("upper", "上级网格 上级网格编码 上级 upper uppergrid", is_required=True),
    Named("lower", "下级网格 下级网格编码 下级 lower lowergrid", is_required=True),
    Named("signed_on", "签订日期 签署日期 日期 signedon date", is_required=True),
    Named("valid_to", "终止日期 有效期至 validto"),
    Named("number", "编号 文号 责任状编号 number"),
    Named("upper_signatory", "上级签字人 甲方签字人 uppersignatory"),
    Named("lower_signatory", "下级签字人 乙方签字人 lowersignatory"),
    Named("tasks", "任务 目标任务 tasks"),
    Named("file", "文件 文件名 file"),
)

_COMPARED = ("valid_to", "number", "upper_signatory", "lower_signatory", "tasks", "file")
_STORED = ("upper_uid", "lower_uid", "signed_on", *_COMPARED)


def import_letters(database: Database, wanted: TableImport, *, rehearse: bool = False) -> Outcome:
    """Make letters those of a table; one is known by its two grids and the day of signing.

    What the table has no column for stays as it is stored.
    """
    table = read(wanted.path, encoding=wanted.encoding)
    check_texts(named_texts(table, COLUMNS, wanted.fields), table.file)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: TableImport, table: Table) -> Outcome:
    grids = GridFinder(session)
    told = find_named(table, COLUMNS, wanted.fields)
    parsed = parse_rows(table, COLUMNS, wanted.fields, lambda cells: _row(cells, grids), lambda row: row[:3])
    rows = list(parsed.rows.values())
    texts = dict(zip(_STORED, zip(*rows, strict=True), strict=False))
    stage(
        session,
        "letters",
        {
            "ord": ("bigint", list(parsed.rows)),
            "label": ("text", list(texts.get("lower_uid", ()))),
            **{
                name: ("date" if name in ("signed_on", "valid_to") else "text", list(texts.get(name, ())))
                for name in _STORED
            },
        },
    )
    merge = Merge(
        table="letter",
        staged="letters",
        key=("upper_uid", "lower_uid", "signed_on"),
        compared=tuple(name for name in _COMPARED if name in told),
        label="o.lower_uid",
    )
    difference = compare(session, merge)
    outcome = Outcome.of(
        "letters",
        difference,
        files=(FileRead.of_table(wanted.path, table, *parsed.rejected),),
        removed=remove_missing(session, merge) if wanted.remove_missing else 0,
    )
    apply(session, merge, difference)
    write_down(session, outcome)
    return outcome


def _row(cells: Cells, grids: GridFinder) -> tuple[str | None, ...]:
    signed, until = as_date(cells["signed_on"]), as_date(cells["valid_to"])
    if signed is None:
        raise BadCell("没有填写签订日期。", "It does not say when it was signed.")
    in_order(signed, until)
    return (
        grids.find(cells["upper"]),
        grids.find(cells["lower"]),
        signed.isoformat(),
        _iso(until),
        *(cells[name] for name in _COMPARED[1:]),
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
