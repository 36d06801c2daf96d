"""Tables of duties: who leads, guides or assists in which topic, where and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from gisgrid.importing.cells import BadCell, Cells, Parsed, as_choice, as_date, in_order, needed, parse_rows
from gisgrid.importing.lookups import GridFinder, departments, topics
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts
from gisgrid.ingest.named import Named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table
from gisgrid.store.database import Database
from gisgrid.store.frames import stage
from gisgrid.store.merging import Difference, Merge, apply, compare, remove_missing
from gisgrid.text import Text

COLUMNS = (
    Named("topic", "事项 事项编码 事项名称 topic", is_required=True),
    Named("role", "角色 职责 分工 role", is_required=True),
    Named("holder", "承担者 责任部门 部门 单位 holder department", is_required=True),
    Named("grid", "网格 适用网格 网格编码 grid gridcode scope"),
    Named("valid_from", "起始日期 生效日期 validfrom from"),
    Named("valid_to", "终止日期 失效日期 validto to"),
    Named("basis", "依据 basis"),
)
_ROLES = {
    **dict.fromkeys(("lead", "牵头", "主管", "负责"), "lead"),
    **dict.fromkeys(("guide", "指导", "监督指导"), "guide"),
    **dict.fromkeys(("assist", "协助", "配合"), "assist"),
}
_GRID = "grid:"


@dataclass(frozen=True)
class TableImport:
    """A table, what its columns mean where their names do not say, and what of rows that it lacks."""

    path: Path
    fields: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    crs: str | None = None
    remove_missing: bool = False


@dataclass(frozen=True)
class DutyRow:
    """One holder's part in a topic; the holder is a department, or the grid of a level."""

    topic: str
    topic_id: int
    role: str
    department_id: int | None
    grid_level: int | None
    grid_uid: str | None
    valid_from: date | None
    valid_to: date | None
    basis: str | None

    @property
    def key(self) -> tuple[object, ...]:
        """What it is known by."""
        return (
            self.topic_id,
            self.role,
            self.department_id,
            self.grid_level,
            self.grid_uid,
            self.valid_from,
        )


def import_duties(database: Database, wanted: TableImport, *, rehearse: bool = False) -> Outcome:
    """Make duties those of a table; one is known by topic, role, holder, grid and first day."""
    table = read(wanted.path, encoding=wanted.encoding)
    check_texts(named_texts(table, COLUMNS, wanted.fields), table.file)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: TableImport, table: Table) -> Outcome:
    parsed = duty_rows(session, table, wanted.fields)
    difference, removed = store_duties(session, parsed.rows, remove=wanted.remove_missing)
    outcome = Outcome.of(
        "duties",
        difference,
        files=(FileRead.of_table(wanted.path, table, *parsed.rejected),),
        removed=removed,
    )
    write_down(session, outcome)
    return outcome


def duty_rows(session: Session, table: Table, fields: Mapping[str, str]) -> Parsed[DutyRow]:
    """The duties of a table."""
    grids, bodies, matters = GridFinder(session), departments(session), topics(session)

    def make(cells: Cells) -> DutyRow:
        topic = needed(cells["topic"], Text(zh="事项", en="topic"))
        holder = needed(cells["holder"], Text(zh="承担者", en="holder"))
        level = _level(holder)
        start, end = as_date(cells["valid_from"]), as_date(cells["valid_to"])
        in_order(start, end)
        return DutyRow(
            topic=topic,
            topic_id=matters.find(topic),
            role=as_choice(cells["role"], _ROLES, Text(zh="角色", en="role")),
            department_id=bodies.find(holder) if level is None else None,
            grid_level=level,
            grid_uid=grids.find(cells["grid"]) if cells["grid"] is not None else None,
            valid_from=start,
            valid_to=end,
            basis=cells["basis"],
        )

    return parse_rows(table, COLUMNS, fields, make, lambda row: row.key)


def _level(holder: str) -> int | None:
    plain = holder.lower().replace("：", ":")
    if not plain.startswith(_GRID):
        return None
    level = plain.removeprefix(_GRID).strip()
    if not (level.isascii() and level.isdigit() and 0 < int(level) < 100):
        raise BadCell(f"“{holder}”应如 grid:3。", f"{holder!r} should be like grid:3.")
    return int(level)


def store_duties(
    session: Session, rows: Mapping[int, DutyRow], *, remove: bool = False
) -> tuple[Difference, int]:
    """Merge duties; how they differ, and how many were removed."""
    each = list(rows.values())
    days = {
        name: [None if (day := getattr(row, name)) is None else day.isoformat() for row in each]
        for name in ("valid_from", "valid_to")
    }
    stage(
        session,
        "duties",
        {
            "ord": ("bigint", list(rows)),
            "label": ("text", [row.topic for row in each]),
            "topic_id": ("bigint", [row.topic_id for row in each]),
            "role": ("text", [row.role for row in each]),
            "department_id": ("bigint", [row.department_id for row in each]),
            "grid_level": ("bigint", [row.grid_level for row in each]),
            "grid_uid": ("text", [row.grid_uid for row in each]),
            "valid_from": ("date", days["valid_from"]),
            "valid_to": ("date", days["valid_to"]),
            "basis": ("text", [row.basis for row in each]),
        },
    )
    merge = Merge(
        table="duty",
        staged="duties",
        key=("topic_id", "role", "department_id", "grid_level", "grid_uid", "valid_from"),
        compared=("valid_to", "basis"),
        label="(SELECT t.name_zh FROM gisgrid.topic t WHERE t.id = o.topic_id)",
    )
    difference = compare(session, merge)
    removed = remove_missing(session, merge) if remove else 0
    apply(session, merge, difference)
    return difference, removed
