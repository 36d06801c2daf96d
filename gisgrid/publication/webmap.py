"""A web map of layers in one HTML file that needs no network, made of the layers' one definition.

The page is folium's, by the same mechanism as the audit's map (`report.offline_page`): folium's
own plugins for polygons load thirteen files from elsewhere, and its popups are HTML, into which a
name could bring markup. Here rows are JSON and reach the page as text only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError, OutputError
from gisgrid.layer import Audience, Layer
from gisgrid.model import Plan, PlanState
from gisgrid.publication.mapdrawing import MAX_FEATURES, Drawing, draw
from gisgrid.report.offline_page import json_in_html, offline_page
from gisgrid.store.database import Database
from gisgrid.text import Lang, Text

Json = dict[str, Any]
Opened = Callable[[], AbstractContextManager[Session]]

MAX_TITLED: Final = 5
"""Layers whose names fit into the heading."""

_PACKAGE: Final = files("gisgrid.publication")

NOT_REVIEWED: Final = Text(zh="未经审核", en="Not reviewed")
_STATES: Final = {
    PlanState.DRAFT: Text(zh="草稿", en="draft"),
    PlanState.IN_REVIEW: Text(zh="审核中", en="in review"),
    PlanState.PUBLISHED: Text(zh="现行", en="in force"),
    PlanState.SUPERSEDED: Text(zh="已废止", en="superseded"),
    PlanState.DISCARDED: Text(zh="已弃用的草稿", en="discarded draft"),
}
_INTERNAL: Final = Text(zh="内部资料，请勿公开", en="Internal: not for publication")


class UnknownPlan(InputError):
    """There is no plan of this number, or none has been published yet."""


def write_web_map(
    database: Database, layers: Sequence[Layer], file: Path, *, plan: int | None, lang: Lang
) -> list[Drawing]:
    """Write layers as an offline map, the first on top.

    Public layers are read as the public sees them, unless the plan is not
    published; internal ones as the operator.

    Parameters
    ----------
    database : Database
    layers : sequence of Layer
    file : Path
    plan : int or None
        The plan in force, if None.
    lang : Lang

    Returns
    -------
    list of Drawing
        What was drawn of each layer, in the same order.

    Raises
    ------
    UnknownPlan
    OutputError
        If the file cannot be written.
    """
    with database.operating() as session:
        chosen = _plan(session, plan, needed=any(layer.needs_plan for layer in layers))
        is_published = chosen is None or chosen.state in {PlanState.PUBLISHED, PlanState.SUPERSEDED}
        drawings = []
        for layer in layers:
            number = None if chosen is None else chosen.id
            if layer.audience is Audience.PUBLIC and (is_published or not layer.needs_plan):
                with database.anonymous() as visitor:
                    drawings.append(draw(visitor, layer, number, lang))
            else:
                drawings.append(draw(session, layer, number, lang))
        page = _page(drawings, chosen, lang)
    try:
        _write_whole(file, page)
    except OSError as error:
        raise OutputError(
            Text(zh="地图没有写出。", en="The map was not written."),
            where=f"{file}: {error.strerror}",
            todo=Text(
                zh="请检查文件夹是否存在、可写，磁盘是否已满。",
                en="Check that the folder exists and has room.",
            ),
        ) from None
    return drawings


def _write_whole(file: Path, page: str) -> None:
    """All of it, or what was there before: a full disk leaves no half of a map."""
    if file.exists() and not file.is_file():  # a pipe, for example
        file.write_text(page, encoding="utf-8")
        return
    file = file.resolve()  # a link stays one
    unfinished = file.parent / f".{file.name}.{os.getpid()}"
    try:
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _plan(session: Session, number: int | None, *, needed: bool) -> Plan | None:
    wanted = Plan.state == PlanState.PUBLISHED if number is None else Plan.id == number
    found = session.execute(select(Plan).where(wanted)).scalar_one_or_none()
    if found is None and (needed or number is not None):
        raise UnknownPlan(
            Text(zh="没有已发布的规划。", en="No plan has been published.")
            if number is None
            else Text(zh=f"没有编号为 {number} 的规划。", en=f"There is no plan {number}."),
            todo=Text(zh="请用 --plan 指定规划编号。", en="Name a plan with --plan."),
        )
    return found


def _page(drawings: Sequence[Drawing], plan: Plan | None, lang: Lang) -> str:
    title = " · ".join(each.layer.title.of(lang) for each in drawings)
    if len(drawings) > MAX_TITLED:
        title = Text(zh=f"{len(drawings)} 个图层", en=f"{len(drawings)} layers").of(lang)
    if plan is not None:
        title = f"{plan.territory_zh if lang is Lang.ZH else plan.territory_en} {title}"
    return offline_page(
        _panel(drawings, plan, title, lang),
        title=title,
        name="layers",
        style=_resource("page/webmap.css"),
        script=_resource("page/webmap.js"),
        call="layerMap",
        lang=lang,
    )


@cache
def _resource(name: str) -> str:
    return _PACKAGE.joinpath(name).read_text("utf-8")


def _panel(drawings: Sequence[Drawing], plan: Plan | None, title: str, lang: Lang) -> str:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_resource("page/webmap.html.j2")).render(
        t=lambda zh, en: Text(zh=zh, en=en).of(lang),
        title=title,
        plan=None if plan is None else _plan_words(plan, lang),
        approval=(plan.approval_number if plan is not None else None) or "",
        not_reviewed=NOT_REVIEWED.of(lang),
        internal=_INTERNAL.of(lang)
        if any(each.layer.audience is Audience.INTERNAL for each in drawings)
        else "",
        layers=[
            {
                "title": each.layer.title.of(lang),
                "about": each.layer.about.of(lang),
                "count": f"{each.total:,}",
                "swatches": [{**swatch, "key": _key(swatch)} for swatch in each.swatches],
                "left_out": _left_out(each, lang),
            }
            for each in drawings
        ],
        content=json_in_html(_content(drawings, lang)),
    )


def _plan_words(plan: Plan, lang: Lang) -> str:
    title = plan.title_zh if lang is Lang.ZH else plan.title_en
    words = f"{title} · {_STATES[plan.state].of(lang)}"
    if plan.valid_from is None:
        return words
    since = Text(zh=f"自 {plan.valid_from} 起", en=f"since {plan.valid_from}").of(lang)
    return f"{words} · {since}"


def _left_out(drawing: Drawing, lang: Lang) -> list[str]:
    said = []
    if drawing.total > MAX_FEATURES:
        said.append(
            Text(
                zh=f"共 {drawing.total:,} 个，图中只画前 {MAX_FEATURES:,} 个。",
                en=f"{drawing.total:,} in all; only the first {MAX_FEATURES:,} are drawn.",
            )
        )
    if drawing.tolerance:
        metres = round(drawing.tolerance * 111_000, 1)
        said.append(
            Text(
                zh=f"界线已简化，误差不超过 {metres} 米。", en=f"Outlines are simplified by up to {metres} m."
            )
        )
    return [each.of(lang) for each in said]


def _key(swatch: Json) -> str:
    """A swatch as SVG; its colour and size are the layer's own."""
    color = escape(str(swatch["color"]))
    size = float(swatch["size"] or 0)
    drawn = {
        "line": f'<path d="M1,7 h18" stroke="{color}" stroke-width="{max(size, 0.6)}"/>',
        "ring": f'<rect x="2" y="2" width="16" height="10" rx="2" fill="{color}" fill-opacity=".12" '
        f'stroke="{color}" stroke-width="{min(max(size, 0.8), 3)}"/>',
        "circle": f'<circle cx="10" cy="7" r="{min(size / 2, 6.5)}" fill="{color}" stroke="#fff"/>',
    }
    opacity = 0.45 if size else 0.75  # findings lie lightly on the map, a ramp of shades does not
    plain = (
        f'<rect x="2" y="2" width="16" height="10" fill="{color}" fill-opacity="{opacity}" stroke="{color}" '
        f'stroke-width="{min(max(size, 0.8), 3)}"/>'
    )
    shape = "dot" if swatch["shape"] == "ring" and size > 3 else str(swatch["shape"])
    drawn["dot"] = (
        f'<circle cx="10" cy="7" r="{min(size / 2, 5.5)}" fill="#fff" stroke="{color}" stroke-width="2"/>'
    )
    return drawn.get(shape, plain)


def _content(drawings: Sequence[Drawing], lang: Lang) -> Json:
    boxes = [each.bounds for each in drawings if each.bounds is not None]
    west, south, east, north = (
        (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )
        if boxes
        else (73.0, 3.0, 136.0, 54.0)
    )
    return {
        "bounds": [[south, west], [north, east]],
        "unnamed": Text(zh="未命名", en="Unnamed").of(lang),
        "layers": [
            {
                "id": each.layer.id,
                "title": each.layer.title.of(lang),
                "fields": [column.title.of(lang) for column in each.layer.columns],
                "features": each.features,
            }
            for each in drawings
        ],
    }
