"""The `gisgrid` command: it parses, calls and prints, and holds no logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import gisgrid
from gisgrid import audit as auditing
from gisgrid.audit import AuditRequest
from gisgrid.commands import db, demo, load, serve, token, user
from gisgrid.commands import map as maps
from gisgrid.commands.exits import errors, or_exit
from gisgrid.options import (
    Allowed,
    Code,
    Encoding,
    Files,
    GridCrs,
    Language,
    Level,
    Levels,
    MinArea,
    Name,
    NoiseWidth,
    Parent,
    SliverWidth,
    StripWidth,
    parse_accepted,
    parse_level_files,
    parse_levels,
    parse_point_file,
    parse_rings,
    parse_tolerances,
    refuse_overwriting,
)
from gisgrid.report.console import print_summary
from gisgrid.report.contract import dumps
from gisgrid.report.folder import OUTPUTS, write
from gisgrid.report.mended import print_repair, write_repair
from gisgrid.text import Lang, Text

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(db.app, name="db")
app.add_typer(load.app, name="import")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.command()(serve.serve)
app.command()(demo.demo)
app.command("map")(maps.draw_map)

_STAGES = {
    "grids": Text(zh="读取网格", en="Reading grids"),
    "coverage": Text(zh="检查覆盖", en="Auditing coverage"),
    "sources": Text(zh="读取污染源", en="Reading sources"),
    "assignment": Text(zh="归属网格", en="Assigning sources"),
    "receptors": Text(zh="读取敏感点", en="Reading receptors"),
    "surroundings": Text(zh="分析周边", en="Looking around sources"),
}


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gisgrid {gisgrid.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="显示版本。 Print the version."
        ),
    ] = False,
) -> None:
    """Environmental-supervision grids, and proof that nothing is left uncovered.

    环境监管网格：让每一寸土地都有人负责。
    """


@app.command()
def audit(
    level_files: Files,
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="输出文件夹。 Folder for audit.json, audit.gpkg, audit.xlsx and map.html."
        ),
    ],
    sources: Annotated[Path | None, typer.Option("--sources", help="污染源。 Pollution sources.")] = None,
    receptors: Annotated[
        Path | None, typer.Option("--receptors", help="敏感目标。 Sensitive receptors.")
    ] = None,
    grid_crs: GridCrs = None,
    source_crs: Annotated[
        str | None,
        typer.Option("--source-crs", help="污染源坐标系，写法同上。 As --grid-crs, of the sources."),
    ] = None,
    receptor_crs: Annotated[
        str | None,
        typer.Option("--receptor-crs", help="敏感目标坐标系，写法同上。 As --grid-crs, of the receptors."),
    ] = None,
    level: Level = None,
    levels: Levels = None,
    code: Code = None,
    name: Name = None,
    parent: Parent = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="敏感目标类型字段。 Field of the receptor's kind.")
    ] = None,
    source_field: Annotated[
        list[str] | None,
        typer.Option(
            "--source-field",
            help="污染源字段，角色=列名，可重复。 "
            "ROLE=COLUMN of the sources, repeatable; roles: lon lat id name kind class "
            "grid_code grid_name.",
        ),
    ] = None,
    receptor_field: Annotated[
        list[str] | None,
        typer.Option(
            "--receptor-field",
            help="敏感目标字段，同上。 The same for the receptors; roles: lon lat id name kind.",
        ),
    ] = None,
    allowed_gaps: Allowed = None,
    noise_width: NoiseWidth = 0.2,
    sliver_width: SliverWidth = 5.0,
    strip_width: StripWidth = 50.0,
    min_area: MinArea = 0.5,
    rings: Annotated[
        str,
        typer.Option(
            "--rings", help="周边半径，米，逗号隔开。 Radii around sources, metres, separated by commas."
        ),
    ] = ("500,5000"),
    encoding: Encoding = None,
    lang: Language = Lang.ZH,
    as_json: Annotated[
        bool, typer.Option("--json", help="改为输出 audit.json。 Print audit.json instead of the summary.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="有问题时退出码为 1。 Exit with 1 if anything was found.")
    ] = False,
) -> None:
    """检查网格：空白、重叠、越界、错属、未覆盖的污染源。 Find gaps, overlaps and uncovered sources.

    退出码 Exit code: 0 完成 done; 1 --strict 且有问题 with findings; 2 输入输出有误 bad files.
    """

    def work() -> tuple[auditing.Audit, list[Path]]:
        request = AuditRequest(
            level_files=parse_level_files(level_files, grid_crs, code, name, parent, level, levels),
            levels=parse_levels(levels),
            sources=parse_point_file(sources, source_crs, source_field, "--source-field"),
            receptors=parse_point_file(
                receptors,
                receptor_crs,
                [*(receptor_field or []), *([f"kind={kind}"] if kind else [])],
                "--receptor-field",
            ),
            allowed_gaps=allowed_gaps,
            tolerances=parse_tolerances(noise_width, sliver_width, strip_width, min_area),
            rings_m=parse_rings(rings),
            encoding=encoding,
        )
        refuse_overwriting(request, [out / name for name in OUTPUTS])
        with _progress() as bar:
            result = auditing.run(request, progress=_teller(bar, lang))
            return result, write(result, out, lang=lang, progress=_teller(bar, lang))

    result, outputs = or_exit(work, lang)
    if as_json:
        sys.stdout.write(dumps(result))
    else:
        print_summary(result, Console(highlight=False), lang, outputs=outputs)
    found = any(len(each.findings) for each in result.coverage)
    missed = result.sources is not None and len(result.sources.uncovered)
    raise typer.Exit(1 if strict and (found or missed) else 0)


@app.command()
def repair(
    level_files: Files,
    out: Annotated[Path, typer.Option("--out", help="要写的 GeoPackage。 The GeoPackage to write.")],
    accept: Annotated[
        str,
        typer.Option(
            "--accept",
            help="直接处理到哪一级：sliver 细缝、strip 条带、all 全部；更宽的只提建议。 "
            "Widest class applied at once; wider is proposed.",
        ),
    ] = "sliver",
    grid_crs: GridCrs = None,
    level: Level = None,
    levels: Levels = None,
    code: Code = None,
    name: Name = None,
    parent: Parent = None,
    allowed_gaps: Allowed = None,
    noise_width: NoiseWidth = 0.2,
    sliver_width: SliverWidth = 5.0,
    strip_width: StripWidth = 50.0,
    min_area: MinArea = 0.5,
    encoding: Encoding = None,
    lang: Language = Lang.ZH,
    strict: Annotated[
        bool, typer.Option("--strict", help="有剩余问题时退出码为 1。 Exit with 1 if anything is left.")
    ] = False,
) -> None:
    """修复：细缝直接处理，更宽的提建议。 Mend slivers at once, and propose the rest.

    原文件不动，结果和每一步写入新的 GeoPackage。 Your files stay as they are; all goes into a new GeoPackage.
    """

    def work() -> bool:
        accepted = parse_accepted(accept)
        request = AuditRequest(
            level_files=parse_level_files(level_files, grid_crs, code, name, parent, level, levels),
            levels=parse_levels(levels),
            allowed_gaps=allowed_gaps,
            tolerances=parse_tolerances(noise_width, sliver_width, strip_width, min_area),
            encoding=encoding,
        )
        refuse_overwriting(request, [out])
        with _progress() as bar:
            mended, after = auditing.repair_files(request, accept=accepted, progress=_teller(bar, lang))
            write_repair(mended, out)
        print_repair(mended, after, Console(highlight=False), lang, out)
        return any(len(each.findings) for each in after)

    left = or_exit(work, lang)
    raise typer.Exit(1 if strict and left else 0)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def _teller(bar: Progress, lang: Lang) -> Callable[[str, float], None]:
    tasks: dict[str, int] = {}

    def tell(stage: str, share: float) -> None:
        if stage not in tasks:
            for task in tasks.values():
                bar.update(bar.tasks[task].id, completed=1.0)
            label = _STAGES[stage].of(lang) if stage in _STAGES else stage
            tasks[stage] = bar.add_task(label, total=1.0)
        bar.update(bar.tasks[tasks[stage]].id, completed=share)

    return tell
