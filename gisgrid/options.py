"""What the options of the command mean: their names and help, and how they become a request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.errors import InputError
from gisgrid.frames import SizeClass
from gisgrid.spatial.findings import Tolerances
from gisgrid.spatial.repair import APPLIED_AT_ONCE
from gisgrid.text import Lang, Text

Files = Annotated[list[Path], typer.Argument(help="由粗到细的网格文件。 Grid files, coarse to fine.")]
GridCrs = Annotated[
    list[str] | None,
    typer.Option(
        "--grid-crs",
        help="网格坐标系：EPSG 代码、gcj02、bd09 或 auto；给一次或每个文件一次。 "
        "CRS of the grids: EPSG code, gcj02, bd09 or auto; once, or once per file.",
    ),
]
Level = Annotated[
    str | None,
    typer.Option(
        "--level", help="级别字段（一个文件含各级时）。 Field that holds the level, if one file has them all."
    ),
]
Levels = Annotated[
    str | None,
    typer.Option(
        "--levels", help="级别的值，由粗到细，逗号隔开。 Its values, coarse to fine, separated by commas."
    ),
]
Code = Annotated[
    list[str] | None,
    typer.Option(
        "--code",
        help="网格编码字段；给一次或每个文件一次。 Field of the grid's code; once, or once per file.",
    ),
]
Name = Annotated[
    list[str] | None, typer.Option("--name", help="网格名称字段；同上。 Field of the grid's name; likewise.")
]
Parent = Annotated[
    list[str] | None,
    typer.Option("--parent", help="上级编码或名称字段；同上。 Field of the parent's code or name; likewise."),
]
Allowed = Annotated[
    Path | None,
    typer.Option(
        "--allowed-gaps",
        help="不要求覆盖的范围（海、湖、飞地），未声明坐标系时与最粗一级相同。 "
        "Polygons that need not be covered; in the CRS of the coarsest grids unless "
        "declared.",
    ),
]
NoiseWidth = Annotated[
    float, typer.Option("--noise-width", min=0, help="更窄的算噪声，米。 Narrower is noise, metres.")
]
SliverWidth = Annotated[
    float, typer.Option("--sliver-width", min=0, help="更窄的算细缝，米。 Narrower is a sliver, metres.")
]
StripWidth = Annotated[
    float, typer.Option("--strip-width", min=0, help="更窄的算条带，米。 Narrower is a strip, metres.")
]
MinArea = Annotated[
    float,
    typer.Option("--min-area", min=0, help="不大于此的算噪声，平方米。 Not larger is noise, square metres."),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        help="未声明的文字编码（默认试 UTF-8、GB18030）。 "
        "Of text in files that do not say (UTF-8 and GB18030 are tried).",
    ),
]
Language = Annotated[Lang, typer.Option("--lang", help="输出语言。 Language of what is written and printed.")]


def parse_level_files(
    paths: Sequence[Path],
    grid_crs: list[str] | None,
    code: list[str] | None,
    name: list[str] | None,
    parent: list[str] | None,
    level: str | None,
    levels: str | None,
) -> tuple[LevelFile, ...]:
    """The files of grids, each with what its options say of it."""
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


def parse_point_file(
    path: Path | None, crs: str | None, fields: list[str] | None, flag: str
) -> PointFile | None:
    return None if path is None else PointFile(path, crs, parse_roles(fields, flag))


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


def parse_levels(levels: str | None) -> tuple[str, ...]:
    """The values of --levels, coarse to fine."""
    return tuple(part.strip() for part in (levels or "").replace("，", ",").split(",") if part.strip())


def parse_roles(pairs: list[str] | None, flag: str) -> dict[str, str]:
    """ROLE=COLUMN pairs as a mapping."""
    roles = {}
    for pair in pairs or []:
        role, equals, column = pair.partition("=")
        if not equals or not column:
            raise _usage(f"{flag} 应写作 角色=列名，而不是 {pair}", f"{flag} takes ROLE=COLUMN, not {pair}")
        roles[role.strip().lower()] = column
    return roles


def parse_rings(rings: str) -> tuple[float, ...]:
    """Radii in metres, ascending, each once."""
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


def parse_tolerances(noise: float, sliver: float, strip: float, area: float) -> Tolerances:
    """Widths in metres and an area in square metres, in order."""
    if not noise <= sliver <= strip:
        raise _usage(
            "宽度界限应满足 noise ≤ sliver ≤ strip", "the widths must satisfy noise ≤ sliver ≤ strip"
        )
    return Tolerances(noise, sliver, strip, area)


def parse_accepted(accept: str) -> frozenset[SizeClass]:
    """The size classes that a repair applies at once."""
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


def refuse_overwriting(request: AuditRequest, outputs: Sequence[Path]) -> None:
    """Raise InputError if something to be written is something to be read."""
    points = [each.path for each in (request.sources, request.receptors) if each is not None]
    allowed = [request.allowed_gaps] if request.allowed_gaps is not None else []
    for given in [*(each.path for each in request.level_files), *points, *allowed]:
        for output in outputs:
            if given.exists() and output.exists() and given.samefile(output):
                raise _usage(
                    f"输出会覆盖输入文件 {given.name}，请用 --out 换一个位置",
                    f"the output would overwrite the input {given.name}; choose another place with --out",
                )


def _usage(zh: str, en: str) -> InputError:
    return InputError(
        Text(zh=f"命令用法有误：{zh}。", en=f"The command was misused: {en}."),
        todo=Text(zh="请看该命令的 --help。", en="See the command's --help."),
    )
