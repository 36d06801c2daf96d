"""The `gisgrid` command: it parses, calls and prints, and holds no logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import gisgrid
from gisgrid import audit as auditing
from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.errors import GisgridError, InputError
from gisgrid.frames import SizeClass
from gisgrid.report.console import print_summary
from gisgrid.report.contract import dumps
from gisgrid.report.folder import write
from gisgrid.report.mended import print_repair, write_repair
from gisgrid.spatial.findings import Tolerances
from gisgrid.spatial.repair import APPLIED_AT_ONCE
from gisgrid.text import Lang, Text

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Result = TypeVar("Result")

_STAGES = {
    "grids": Text(zh="读取网格", en="Reading grids"),
    "coverage": Text(zh="检查覆盖", en="Auditing coverage"),
    "sources": Text(zh="读取污染源", en="Reading sources"),
    "assignment": Text(zh="归属网格", en="Assigning sources"),
    "receptors": Text(zh="读取敏感点", en="Reading receptors"),
    "surroundings": Text(zh="分析周边", en="Looking around sources"),
}

Files = Annotated[list[Path], typer.Argument(help="Grid files, coarse to fine. 由粗到细的网格文件。")]
GridCrs = Annotated[
    list[str] | None,
    typer.Option(
        "--grid-crs", help="CRS of the grids: EPSG code, gcj02, bd09 or auto; once, or once per file."
    ),
]
Level = Annotated[
    str | None, typer.Option("--level", help="Field that holds the level, if one file has them all.")
]
Levels = Annotated[
    str | None, typer.Option("--levels", help="Its values, coarse to fine, separated by commas.")
]
Code = Annotated[
    list[str] | None, typer.Option("--code", help="Field of the grid's code; once, or once per file.")
]
Name = Annotated[
    list[str] | None, typer.Option("--name", help="Field of the grid's name; once, or once per file.")
]
Parent = Annotated[
    list[str] | None,
    typer.Option("--parent", help="Field of the parent's code or name; once, or once per file."),
]
Allowed = Annotated[
    Path | None,
    typer.Option("--allowed-gaps", help="Polygons that need not be covered (sea, lakes, enclaves)."),
]
NoiseWidth = Annotated[float, typer.Option("--noise-width", min=0, help="Narrower is noise, metres.")]
SliverWidth = Annotated[float, typer.Option("--sliver-width", min=0, help="Narrower is a sliver, metres.")]
StripWidth = Annotated[float, typer.Option("--strip-width", min=0, help="Narrower is a strip, metres.")]
MinArea = Annotated[float, typer.Option("--min-area", min=0, help="Not larger is noise, square metres.")]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Of text in files that do not say (UTF-8 and GB18030 are tried)."),
]
Language = Annotated[Lang, typer.Option("--lang", help="Language of what is written and printed.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gisgrid {gisgrid.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Environmental-supervision grids, and proof that nothing is left uncovered.

    环境监管网格：让每一寸土地都有人负责。
    """


@app.command()
def audit(
    level_files: Files,
    out: Annotated[Path, typer.Option("--out", help="Folder for audit.json, .gpkg, .xlsx and map.html.")],
    sources: Annotated[Path | None, typer.Option("--sources", help="Pollution sources 污染源.")] = None,
    receptors: Annotated[
        Path | None, typer.Option("--receptors", help="Sensitive receptors 敏感目标.")
    ] = None,
    grid_crs: GridCrs = None,
    source_crs: Annotated[
        str | None, typer.Option("--source-crs", help="As --grid-crs, of the sources.")
    ] = None,
    receptor_crs: Annotated[
        str | None, typer.Option("--receptor-crs", help="As --grid-crs, of the receptors.")
    ] = None,
    level: Level = None,
    levels: Levels = None,
    code: Code = None,
    name: Name = None,
    parent: Parent = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Field of the receptor's kind.")] = None,
    source_field: Annotated[
        list[str] | None,
        typer.Option(
            "--source-field", help="ROLE=COLUMN of the sources, e.g. lon=X, lat=Y, class=..; repeatable."
        ),
    ] = None,
    receptor_field: Annotated[
        list[str] | None, typer.Option("--receptor-field", help="ROLE=COLUMN of the receptors; repeatable.")
    ] = None,
    allowed_gaps: Allowed = None,
    noise_width: NoiseWidth = 0.2,
    sliver_width: SliverWidth = 5.0,
    strip_width: StripWidth = 50.0,
    min_area: MinArea = 0.5,
    rings: Annotated[
        str, typer.Option("--rings", help="Radii around sources, metres, separated by commas.")
    ] = ("500,5000"),
    encoding: Encoding = None,
    lang: Language = Lang.ZH,
    as_json: Annotated[bool, typer.Option("--json", help="Print audit.json instead of the summary.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything was found.")] = False,
) -> None:
    """Find gaps, overlaps, protrusions and uncovered sources in files of grids.

    Exit code: 0 the audit ran, 1 with --strict and findings, 2 an input or output error.
    """

    def work() -> tuple[auditing.Audit, list[Path]]:
        request = AuditRequest(
            level_files=_level_files(level_files, grid_crs, code, name, parent, level, levels),
            levels=_listed(levels),
            sources=_point_file(sources, source_crs, source_field, "--source-field"),
            receptors=_point_file(
                receptors,
                receptor_crs,
                [*(receptor_field or []), *([f"kind={kind}"] if kind else [])],
                "--receptor-field",
            ),
            allowed_gaps=allowed_gaps,
            tolerances=_tolerances(noise_width, sliver_width, strip_width, min_area),
            rings_m=_rings(rings),
            encoding=encoding,
        )
        with _progress() as bar:
            result = auditing.run(request, progress=_teller(bar, lang))
            return result, write(result, out, lang=lang, progress=_teller(bar, lang))

    result, outputs = _or_exit(work, lang)
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
    out: Annotated[Path, typer.Option("--out", help="The GeoPackage to write.")],
    accept: Annotated[
        str,
        typer.Option(
            "--accept", help="Widest class applied at once: sliver, strip or all; wider is proposed."
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
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if anything is left.")] = False,
) -> None:
    """Mend gaps, overlaps and protrusions: slivers at once, wider ones as proposals.

    The files are not changed; the mended grids and every step go into a new GeoPackage.
    """

    def work() -> bool:
        accepted = _accepted(accept)
        request = AuditRequest(
            level_files=_level_files(level_files, grid_crs, code, name, parent, level, levels),
            levels=_listed(levels),
            allowed_gaps=allowed_gaps,
            tolerances=_tolerances(noise_width, sliver_width, strip_width, min_area),
            encoding=encoding,
        )
        with _progress() as bar:
            mended, after = auditing.repair_files(request, accept=accepted, progress=_teller(bar, lang))
            write_repair(mended, out)
        print_repair(mended, after, Console(highlight=False), lang, out)
        return any(len(each.findings) for each in after)

    left = _or_exit(work, lang)
    raise typer.Exit(1 if strict and left else 0)


def _or_exit(work: Callable[[], Result], lang: Lang) -> Result:
    try:
        return work()
    except GisgridError as error:
        errors.print(f"[bold red]{'错误' if lang is Lang.ZH else 'Error'}[/]", end=" ")
        errors.print(str(error), markup=False)
        raise typer.Exit(2) from None


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


def _level_files(
    paths: Sequence[Path],
    grid_crs: list[str] | None,
    code: list[str] | None,
    name: list[str] | None,
    parent: list[str] | None,
    level: str | None,
    levels: str | None,
) -> tuple[LevelFile, ...]:
    if (level is None) != (levels is None):
        raise _usage("--level 与 --levels 要一起用", "--level and --levels go together")
    if level is not None and len(paths) != 1:
        raise _usage("用 --level 时只给一个网格文件", "with --level, give one grid file")
    per_file = {
        "code": _per_file(code, "--code", len(paths)),
        "name": _per_file(name, "--name", len(paths)),
        "parent": _per_file(parent, "--parent", len(paths)),
        "level": [level] * len(paths),
    }
    crs = _per_file(grid_crs, "--grid-crs", len(paths))
    return tuple(
        LevelFile(path, crs[at], {role: field for role, given in per_file.items() if (field := given[at])})
        for at, path in enumerate(paths)
    )


def _point_file(path: Path | None, crs: str | None, fields: list[str] | None, flag: str) -> PointFile | None:
    return None if path is None else PointFile(path, crs, _roles(fields, flag))


def _per_file(given: list[str] | None, flag: str, files: int) -> list[str | None]:
    if not given:
        return [None] * files
    if len(given) == 1:
        return [given[0]] * files
    if len(given) != files:
        raise _usage(
            f"{flag} 要么给一次，要么给 {files} 次（每个文件一次），现在是 {len(given)} 次",
            f"{flag} goes once, or {files} times (once per file), not {len(given)} times",
        )
    return list(given)


def _listed(levels: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (levels or "").replace("，", ",").split(",") if part.strip())


def _roles(pairs: list[str] | None, flag: str) -> dict[str, str]:
    roles = {}
    for pair in pairs or []:
        role, equals, column = pair.partition("=")
        if not equals or not column:
            raise _usage(f"{flag} 应写作 角色=列名，而不是 {pair}", f"{flag} takes ROLE=COLUMN, not {pair}")
        roles[role.strip().lower()] = column
    return roles


def _rings(rings: str) -> tuple[float, ...]:
    try:
        radii = tuple(sorted({float(part) for part in rings.replace("，", ",").split(",") if part.strip()}))
    except ValueError:
        radii = ()
    if not radii or not all(0 < radius <= 100_000 for radius in radii):
        raise _usage(
            f"--rings 应是 0 到 100000 之间的米数，用逗号隔开，而不是 {rings}",
            f"--rings takes metres between 0 and 100000, separated by commas, not {rings}",
        )
    return radii


def _tolerances(noise: float, sliver: float, strip: float, area: float) -> Tolerances:
    if not noise <= sliver <= strip:
        raise _usage(
            "宽度界限应满足 noise ≤ sliver ≤ strip", "the widths must satisfy noise ≤ sliver ≤ strip"
        )
    return Tolerances(noise, sliver, strip, area)


def _accepted(accept: str) -> frozenset[SizeClass]:
    classes = {
        "sliver": APPLIED_AT_ONCE,
        "strip": APPLIED_AT_ONCE | {SizeClass.STRIP},
        "all": frozenset(SizeClass),
    }
    if accept not in classes:
        raise _usage(
            f"--accept 应是 sliver、strip 或 all，而不是 {accept}",
            f"--accept takes sliver, strip or all, not {accept}",
        )
    return classes[accept]


def _usage(zh: str, en: str) -> InputError:
    return InputError(
        Text(zh=f"命令用法有误：{zh}。", en=f"The command was misused: {en}."),
        todo=Text(zh="请看 gisgrid audit --help。", en="See gisgrid audit --help."),
    )
