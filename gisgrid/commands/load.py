"""`gisgrid import`: files in, rows in the database; all of them or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit import AuditRequest, PointFile
from gisgrid.commands.exits import or_exit
from gisgrid.errors import InputError
from gisgrid.importing.duties import TableImport, import_duties
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.letters import import_letters
from gisgrid.importing.outcome import Outcome
from gisgrid.importing.overlays import OverlayImport, import_overlays
from gisgrid.importing.people import PeopleImport, import_people
from gisgrid.importing.plans import Target
from gisgrid.importing.receptors import import_receptors
from gisgrid.importing.seeds import import_seeds
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.importing.transfers import import_transfers
from gisgrid.model import GridKind
from gisgrid.options import (
    Code,
    Encoding,
    Files,
    GridCrs,
    Language,
    Level,
    Levels,
    Name,
    Parent,
    parse_level_files,
    parse_levels,
    parse_roles,
)
from gisgrid.report.imported import outcome_json, print_outcome
from gisgrid.settings import settings
from gisgrid.store.cluster import server
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.text import Lang, Text

app = typer.Typer(
    no_args_is_help=True,
    help="导入：网格、污染源、敏感目标、人员、职责。 Import grids, sources, receptors, people and duties.",
)

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="只看会改什么，不写入。 Show what would change; write nothing.")
]
RemoveMissing = Annotated[
    bool, typer.Option("--remove-missing", help="删除文件里没有的。 Delete what the file does not have.")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。 Print JSON, for scripts.")]
OneFile = Annotated[Path, typer.Argument(help="文件。 The file.")]
Crs = Annotated[
    str | None,
    typer.Option(
        "--crs", help="坐标系：EPSG 代码、gcj02、bd09 或 auto。 CRS: EPSG code, gcj02, bd09 or auto."
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", help="列的含义，角色=列名，可重复。 ROLE=COLUMN, repeatable."),
]


@app.command()
def grids(
    level_files: Files,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            help="方案编号，或 new；已发布的方案不改动，另建修订稿。 "
            "Number of the plan, or new; of a published plan a revision is made.",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="方案名称。 Title of the plan.")] = None,
    title_en: Annotated[str | None, typer.Option("--title-en", help="英文名称。 Its English title.")] = None,
    territory: Annotated[str | None, typer.Option("--territory", help="地区名称。 The territory.")] = None,
    territory_en: Annotated[
        str | None, typer.Option("--territory-en", help="地区英文名称。 Its English name.")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="导入后发布（须给 --valid-from）。 Publish it (--valid-from).")
    ] = False,
    valid_from: Annotated[
        datetime | None, typer.Option("--valid-from", formats=["%Y-%m-%d"], help="生效日期。 Its first day.")
    ] = None,
    approval_number: Annotated[
        str | None, typer.Option("--approval-number", help="审图号。 Approval number of its map.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="administrative 行政、key 重点、unit 单元。 Which kind of grids.")
    ] = "administrative",
    owner: Annotated[
        str | None, typer.Option("--owner", help="重点、单元网格所属网格的编码。 Whose key or unit grids.")
    ] = None,
    grid_crs: GridCrs = None,
    level: Level = None,
    levels: Levels = None,
    code: Code = None,
    name: Name = None,
    parent: Parent = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入网格到方案草稿；按编码识别，重复导入不变。 Grids into a draft plan, recognised by code."""

    def work(database: Database) -> Outcome:
        audit = AuditRequest(
            parse_level_files(level_files, grid_crs, code, name, parent, level, levels),
            levels=parse_levels(levels),
            encoding=encoding,
        )
        target = Target(
            plan=plan,
            title=_text(title, title_en),
            territory=_text(territory, territory_en),
            publish_from=_first_day(publish, valid_from),
            approval_number=approval_number,
        )
        which = _kind(kind, owner)
        if which is GridKind.ADMINISTRATIVE:
            return import_grids(database, GridImport(audit, target, remove_missing), rehearse=dry_run)
        wanted = OverlayImport(audit, which, owner or "", target, remove_missing)
        return import_overlays(database, wanted, rehearse=dry_run)

    _do(work, lang, as_json)


@app.command()
def sources(
    file: OneFile,
    source_crs: Annotated[
        str | None,
        typer.Option(
            "--source-crs",
            help="坐标系：EPSG 代码、gcj02、bd09 或 auto。 CRS: EPSG code, gcj02, bd09 or auto.",
        ),
    ] = None,
    source_field: Annotated[
        list[str] | None,
        typer.Option(
            "--source-field",
            help="角色=列名，可重复。 ROLE=COLUMN, repeatable; roles: lon lat id name kind class grid_code "
            "grid_name credit_code industry located_by.",
        ),
    ] = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入污染源台账；按编号识别。 A register of pollution sources, recognised by number."""
    _do(
        lambda database: import_sources(
            database,
            RegisterImport(
                PointFile(file, source_crs, parse_roles(source_field, "--source-field")),
                encoding,
                remove_missing,
            ),
            rehearse=dry_run,
        ),
        lang,
        as_json,
    )


@app.command()
def receptors(
    file: OneFile,
    receptor_crs: Annotated[
        str | None,
        typer.Option(
            "--receptor-crs",
            help="坐标系：EPSG 代码、gcj02、bd09 或 auto。 CRS: EPSG code, gcj02, bd09 or auto.",
        ),
    ] = None,
    receptor_field: Annotated[
        list[str] | None,
        typer.Option(
            "--receptor-field",
            help="角色=列名，可重复。 ROLE=COLUMN, repeatable; roles: lon lat id name kind.",
        ),
    ] = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入敏感目标。 A register of sensitive receptors."""
    _do(
        lambda database: import_receptors(
            database,
            RegisterImport(
                PointFile(file, receptor_crs, parse_roles(receptor_field, "--receptor-field")),
                encoding,
                remove_missing,
            ),
            rehearse=dry_run,
        ),
        lang,
        as_json,
    )


@app.command()
def people(
    file: OneFile,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d"],
            help="没有任职日期的行用这一天。 First day of rows that do not say.",
        ),
    ] = None,
    allow_mobile: Annotated[
        bool,
        typer.Option(
            "--allow-mobile", help="像手机号的值班电话也记入。 Keep duty phones that look like mobiles."
        ),
    ] = False,
    fields: Fields = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入岗位和人员；姓名空着表示空缺。 Posts and who holds them; an empty person is a vacancy."""
    wanted = PeopleImport(
        file,
        parse_roles(fields, "--field"),
        encoding,
        None if since is None else since.date(),
        allow_mobile,
        remove_missing,
    )
    _do(lambda database: import_people(database, wanted, rehearse=dry_run), lang, as_json)


@app.command()
def letters(
    file: OneFile,
    fields: Fields = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入环境监管责任状。 Responsibility letters between grids."""
    wanted = TableImport(file, parse_roles(fields, "--field"), encoding, None, remove_missing)
    _do(lambda database: import_letters(database, wanted, rehearse=dry_run), lang, as_json)


@app.command()
def duties(
    file: OneFile,
    transfers: Annotated[
        bool,
        typer.Option(
            "--transfers", help="文件是职责移交范围（面）。 The file holds polygons where duties pass over."
        ),
    ] = False,
    crs: Crs = None,
    fields: Fields = None,
    encoding: Encoding = None,
    remove_missing: RemoveMissing = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: Language = Lang.ZH,
) -> None:
    """导入部门职责；承担者写部门编码或 grid:级别。 Duties; a holder is a department or grid:LEVEL."""
    wanted = TableImport(file, parse_roles(fields, "--field"), encoding, crs, remove_missing)
    work = import_transfers if transfers else import_duties
    _do(lambda database: work(database, wanted, rehearse=dry_run), lang, as_json)


@app.command()
def seeds(dry_run: DryRun = False, as_json: AsJson = False, lang: Language = Lang.ZH) -> None:
    """放入自带的 26 个部门、事项和默认职责；已有的不动。 The departments, topics and duties that ship."""
    _do(lambda database: import_seeds(database, rehearse=dry_run), lang, as_json)


def _do(work: Callable[[Database], Outcome], lang: Lang, as_json: bool) -> None:
    def with_database() -> Outcome:
        here = server(settings())
        upgrade(here)
        database = Database(here)
        try:
            return work(database)
        finally:
            database.close()

    outcome = or_exit(with_database, lang)
    if as_json:
        typer.echo(outcome_json(outcome))
    else:
        print_outcome(outcome, lang)


def _text(zh: str | None, en: str | None) -> Text | None:
    if zh is None and en is None:
        return None
    return Text(zh=zh or en or "", en=en or zh or "")


def _first_day(publish: bool, valid_from: datetime | None) -> date | None:
    if publish != (valid_from is not None):
        raise InputError(
            Text(zh="--publish 和 --valid-from 要一起给。", en="--publish and --valid-from go together."),
            todo=Text(zh="例如 --publish --valid-from 2026-12-01。", en="As in --valid-from 2026-12-01."),
        )
    return None if valid_from is None else valid_from.date()


def _kind(kind: str, owner: str | None) -> GridKind:
    if kind not in set(GridKind):
        raise InputError(
            Text(zh=f"没有“{kind}”这种网格。", en=f"There is no kind of grids {kind!r}."),
            todo=Text(zh="可用：administrative、key、unit。", en="Use administrative, key or unit."),
        )
    which = GridKind(kind)
    if (which is GridKind.ADMINISTRATIVE) != (owner is None):
        raise InputError(
            Text(zh="重点和单元网格要给 --owner，行政网格不给。", en="--owner goes with --kind key or unit."),
            todo=Text(zh="例如 --kind key --owner 211100。", en="As in --kind key --owner 211100."),
        )
    return which
