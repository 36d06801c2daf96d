"""`gisgrid map`: layers as one HTML file that needs no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gisgrid.commands.exits import or_exit
from gisgrid.commands.platform import prepared_server
from gisgrid.errors import InputError
from gisgrid.layer import Layer
from gisgrid.options import Language
from gisgrid.publication.webmap import write_web_map
from gisgrid.store.database import Database
from gisgrid.text import Lang, Text
from layers import all_layers


class UnknownLayer(InputError):
    """There is no layer of this id."""


def draw_map(
    out: Annotated[Path, typer.Argument(help="要写的 HTML 文件。 The HTML file to write.")],
    layer: Annotated[
        list[str],
        typer.Option(
            "--layer", help="图层，可重复，先写的在上。 A layer's id, repeatable; the first on top."
        ),
    ],
    plan: Annotated[
        int | None,
        typer.Option("--plan", help="规划编号；默认现行规划。 A plan; the one in force if absent."),
    ] = None,
    lang: Language = Lang.ZH,
) -> None:
    """把图层写成一个离线网页地图。 Write layers as one offline web map."""

    def work() -> list[str]:
        wanted = [_layer(each) for each in dict.fromkeys(layer)]
        database = Database(prepared_server())
        try:
            drawn = write_web_map(database, wanted, out, plan=plan, lang=lang)
        finally:
            database.close()
        return [f"{each.layer.title.of(lang)} {each.total:,}" for each in drawn]

    said = or_exit(work, lang)
    Console(highlight=False, soft_wrap=True).print(f"{out}: {' · '.join(said)}", markup=False)


def _layer(layer_id: str) -> Layer:
    known = all_layers()
    if layer_id not in known:
        raise UnknownLayer(
            Text(zh=f"没有图层 {layer_id}。", en=f"There is no layer {layer_id}."),
            todo=Text(zh=f"可选：{'、'.join(known)}。", en=f"Choose from {', '.join(known)}."),
        )
    return known[layer_id]
