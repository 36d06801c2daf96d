"""Tables of posts and the people who hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from gisgrid.frames import Rejected
from gisgrid.importing.cells import (
    BadCell,
    Cells,
    as_bool,
    as_choice,
    as_date,
    as_number,
    in_order,
    parse_rows,
)
from gisgrid.importing.holders import Holding, store_holders
from gisgrid.importing.lookups import GridFinder
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts, digest
from gisgrid.ingest.named import Named, find_named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Table
from gisgrid.store.database import Database
from gisgrid.text import Text

COLUMNS = (
    Named("grid_code", "网格编码 网格编号 网格代码 gridcode gridid griduid code"),
    Named("grid_name", "网格名称 网格 gridname grid"),
    Named("kind", "岗位类别 岗位类型 岗位种类 职责类别 postkind kind role", is_required=True),
    Named("title", "职务 岗位名称 岗位 title post"),
    Named("number", "岗位序号 序号 number no"),
    Named("body", "单位 所在单位 责任单位 机构 body organisation organization"),
    Named("duty_phone", "值班电话 值班电话号码 公开电话 办公电话 联系电话 dutyphone phone telephone"),
    Named("person", "姓名 人员 责任人 person personname"),
    Named("person_id", "人员编号 人员id personid personuid"),
    Named("is_public", "是否公开 姓名公开 公开 public ispublic"),
    Named("valid_from", "任职日期 任职起始 起始日期 开始日期 validfrom from since"),
    Named("valid_to", "离任日期 任职终止 终止日期 结束日期 validto to until"),
    Named("verified_on", "核对日期 核实日期 最近核对 verifiedon verified"),
)
MOBILES = Named("mobile", "手机 手机号 手机号码 移动电话 个人电话 私人电话 mobile mobilephone cellphone cell")

_KINDS = {
    "第一责任人": "first",
    "first": "first",
    "监管员": "supervisor",
    "网格员": "supervisor",
    "工作人员": "supervisor",
    "supervisor": "supervisor",
    "环保所": "office",
    "机构": "office",
    "office": "office",
}
_TITLES = {"first": "第一责任人", "supervisor": "监管员", "office": "环保所"}
_MOBILE = re.compile(r"^(?:\+?86)?1[3-9]\d{9}$")
_KIND = Text(zh="岗位类别", en="kind of post")


@dataclass(frozen=True)
class PeopleImport:
    """A table of posts.

    Attributes
    ----------
    path : Path
    fields : mapping of role to column
    encoding : str or None
    since : date or None
        When people took up their posts, where the row does not say.
    allow_mobile : bool
        Keep duty phones that look like somebody's own mobile.
    remove_missing : bool
        Delete the posts of the grids in the table that it does not list.
    """

    path: Path
    fields: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    since: date | None = None
    allow_mobile: bool = False
    remove_missing: bool = False


def import_people(database: Database, wanted: PeopleImport, *, rehearse: bool = False) -> Outcome:
    """Make posts and their holders those of a table.

    A post is known by grid, kind, title and number; a person by number, else by
    grid and name. An empty person means that the post is vacant: with a date, who
    held it left then. Who takes a post up ends the time of who held it before.
    A column of mobiles is never read.
    """
    table = read(wanted.path, encoding=wanted.encoding)
    check_texts(named_texts(table, COLUMNS, wanted.fields), table.file)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: PeopleImport, table: Table) -> Outcome:
    finder = GridFinder(session)
    parsed = parse_rows(
        table,
        COLUMNS,
        wanted.fields,
        lambda cells: _holding(cells, finder, wanted.since),
        lambda row: (*row.post, row.valid_from),
    )
    rows, mobiles = _without_mobiles(parsed.rows, allowed=wanted.allow_mobile)
    file = FileRead.of_table(wanted.path, table, *parsed.rejected, *mobiles)
    notes = _ignored(table) + _told(mobiles)
    outcome = store_holders(session, rows, file, notes, remove=wanted.remove_missing)
    write_down(session, outcome)
    return outcome


def _holding(cells: Cells, finder: GridFinder, since: date | None) -> Holding:
    kind = as_choice(cells["kind"], _KINDS, _KIND)
    grid = finder.find(cells["grid_code"], cells["grid_name"])
    person = cells["person"]
    start, end = as_date(cells["valid_from"]), as_date(cells["valid_to"])
    if person is not None and start is None:
        start = since
        if start is None:
            raise BadCell(
                "没有填写任职日期（可用 --since 统一指定）。",
                "It does not say since when (--since says it for all).",
            )
    in_order(start, end)
    person_uid = None
    if person is not None:
        person_uid = cells["person_id"] or f"~{digest(grid, person)}"
    return Holding(
        grid_uid=grid,
        kind=kind,
        title=cells["title"] or _TITLES[kind],
        number=as_number(cells["number"], 1),
        body=cells["body"],
        duty_phone=cells["duty_phone"],
        person=person,
        person_uid=person_uid,
        is_public=as_bool(cells["is_public"]),
        valid_from=start,
        valid_to=end,
        verified_on=as_date(cells["verified_on"]),
    )


def _without_mobiles(
    rows: Mapping[int, Holding], *, allowed: bool
) -> tuple[dict[int, Holding], tuple[Rejected, ...]]:
    """The rows, without duty phones that look like somebody's own mobile."""
    if allowed:
        return dict(rows), ()
    kept, told = {}, []
    for number, row in rows.items():
        private = row.duty_phone is not None and _MOBILE.match(re.sub(r"[\s\-()（）]", "", row.duty_phone))
        kept[number] = row.without_phone() if private else row
        if private:
            told.append(Rejected(number, _LOOKS_PRIVATE, row.title))
    return kept, tuple(told)


_LOOKS_PRIVATE = Text(
    zh="值班电话像是个人手机号，电话没有记入（岗位已记入）。",
    en="The duty phone looks like a private mobile; the post was kept, the phone was not.",
)


def _told(mobiles: Sequence[Rejected]) -> tuple[Text, ...]:
    if not mobiles:
        return ()
    return (
        Text(
            zh=f"{len(mobiles)} 个值班电话像是个人手机号，没有记入；确为值班手机的，加 --allow-mobile。",
            en=f"{len(mobiles)} duty phones look like private mobiles and were left out; "
            "if they are the office's, give --allow-mobile.",
        ),
    )


def _ignored(table: Table) -> tuple[Text, ...]:
    column = find_named(table, [MOBILES], {}).get(MOBILES.role)
    if column is None:
        return ()
    return (
        Text(
            zh=f"“{column}”列是个人手机号，没有读入：本平台只公布值班电话。",
            en=f"The column {column!r} holds private mobiles and was not read: "
            "only duty phones are published.",
        ),
    )
