"""Files of grids into a draft plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.files import read_files
from gisgrid.audit.grids import Grids, place_grids
from gisgrid.audit.request import AuditRequest
from gisgrid.frames import GridFrame
from gisgrid.importing.identity import grids_to_recognise, known_grids, recognise
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.plans import Target, choose, writable
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts
from gisgrid.ingest.named import Named, named_texts
from gisgrid.ingest.table import Table
from gisgrid.model import Plan, PlanLevel, PlanState
from gisgrid.planning.drafts import level_name
from gisgrid.planning.publishing import publish
from gisgrid.planning.recompute import recompute_plan
from gisgrid.spatial.measure import area_m2
from gisgrid.store.database import Database
from gisgrid.store.frames import joined, stage
from gisgrid.store.merging import Difference, Merge, apply, compare, new_ids, remove_missing
from gisgrid.text import Text

_POLYGON = 3
_SHOWN = 5

CARRIED = (
    Named("uid", "uid 网格uid 唯一标识 唯一标识码 uuid guid globalid"),
    Named("category", "category 网格类别 行政类别 乡镇类别 类别 网格类型 类型"),
)
"""What a table of grids may say beside what an audit reads."""


@dataclass(frozen=True)
class GridImport:
    """What is to be imported: the level files of `audit`, coarse to fine, and the plan that they are for."""

    audit: AuditRequest
    target: Target = field(default_factory=Target)
    remove_missing: bool = False


def import_grids(database: Database, wanted: GridImport, *, rehearse: bool = False) -> Outcome:
    """Make the grids of a draft plan those of the files.

    Grids are recognised by level and code, then by uid, then (without either) by
    name and parent; they keep their uid, so that posts and jurisdictions stay
    with them. Findings and assignments follow in the same transaction.

    Raises
    ------
    InputError
        If a file cannot be used; see `gisgrid.audit.grids.place_grids`.
    """
    tables = read_files(wanted.audit)
    placed = place_grids(wanted.audit, tables)
    frame = _carried(placed, wanted.audit, tables)
    return run(database, lambda session: _import(session, wanted, placed, frame), rehearse=rehearse)


def _carried(placed: Grids, audit: AuditRequest, tables: Mapping[Path, Table]) -> GridFrame:
    """The grids with `uid` and `category`, which the audit does not read."""
    frame = placed.frame.assign(uid=pd.NA, category=pd.NA)
    for at, level in enumerate(sorted(frame["level"].unique())):
        file = audit.level_files[min(at, len(audit.level_files) - 1)]
        mine = frame.index[frame["level"] == level]
        texts = named_texts(tables[file.path], CARRIED, {})
        first = [rows[0] for rows in frame.loc[mine, "rows"]]
        for column in texts.columns:
            frame.loc[mine, column] = texts.loc[first, column].to_numpy(object)
        check_texts(frame.loc[mine, ["code", "name"]], tables[file.path].file, rows=pd.Series(first))
        check_texts(texts, tables[file.path].file)
    return frame


def _import(session: Session, wanted: GridImport, placed: Grids, frame: GridFrame) -> Outcome:
    target = wanted.target
    chosen = choose(session, target, str(frame["name"].iloc[0]))
    plan = chosen.plan
    difference, merge = _merge(session, plan, frame)
    change_needed = not difference.is_empty or (wanted.remove_missing and difference.missing > 0)
    if change_needed and chosen.is_fixed:
        plan = writable(session, chosen, target)
        difference, merge = _merge(session, plan, frame)
    removed = 0
    if change_needed:
        if wanted.remove_missing:
            removed = remove_missing(session, merge)
        _name_levels(session, plan, placed)
        apply(session, merge, difference)
        recompute_plan(session, plan.id)
    if target.publish_from is not None and plan.state is PlanState.DRAFT:
        publish(session, plan, target.publish_from, approval_number=target.approval_number)
    files = dict.fromkeys(
        FileRead.of(file.path, level.source)
        for file, level in zip(
            wanted.audit.level_files, placed.levels[: len(wanted.audit.level_files)], strict=True
        )
    )
    outcome = Outcome.of(
        "grids",
        difference,
        files=tuple(files),
        notes=tuple(_notes(placed, frame)),
        plan=(plan.id, plan.title_zh, str(plan.state)),
    )
    outcome = replace(outcome, removed=removed)
    write_down(session, outcome)
    return outcome


def _merge(session: Session, plan: Plan, frame: GridFrame) -> tuple[Difference, Merge]:
    """Stage the grids as rows of the plan, and compare them with what it has."""
    uids = recognise(frame, grids_to_recognise(session, plan.id))
    ids = _ids(session, plan, uids)
    paths = _paths(frame, uids)
    parents = frame["parent"].map(ids).astype("Int64")
    stage(
        session,
        "incoming",
        {
            "ord": ("bigint", frame.index.to_numpy(np.int64)),
            "label": ("text", _labels(frame)),
            "id": ("bigint", ids),
            "plan_id": ("bigint", np.full(len(frame), plan.id)),
            "uid": ("text", uids),
            "level": ("bigint", frame["level"]),
            "code": ("text", frame["code"]),
            "name": ("text", _labels(frame)),
            "category": ("text", frame["category"]),
            "parent_id": ("bigint", parents),
            "path": ("text[]", paths),
            "is_indicative": ("boolean", frame["indicative"].astype(bool)),
            "area_m2": ("float8", area_m2(frame.geometry.to_numpy())),
            "geometry": ("geometry", multi_polygons(frame)),
        },
    )
    merge = Merge(
        table="grid",
        staged="incoming",
        key=("id",),
        compared=(
            "level",
            "code",
            "name",
            "category",
            "parent_id",
            "path",
            "is_indicative",
            "area_m2",
            "geometry",
        ),
        inserted=("plan_id", "uid"),
        scope=f"o.plan_id = {int(plan.id)} AND NOT o.is_overlay",
        touch="version = o.version + 1",
    )
    return compare(session, merge), merge


def _ids(session: Session, plan: Plan, uids: pd.Series) -> pd.Series:
    """The id of each grid: its own if the plan has it, else a new one, in the order of the frame."""
    own = {each.uid: each.id for each in known_grids(session, plan.id)}
    new = iter(new_ids(session, "grid", sum(uid not in own for uid in uids)))
    return pd.Series([own[uid] if uid in own else next(new) for uid in uids], index=uids.index, dtype="int64")


def _paths(frame: GridFrame, uids: pd.Series) -> pd.Series:
    """Parents come before their children, so one pass is enough."""
    paths: dict[int, str] = {}
    for grid, parent, uid in zip(frame.index, frame["parent"], uids, strict=True):
        paths[grid] = uid if pd.isna(parent) else joined([paths[int(parent)], uid])
    return pd.Series(paths, index=frame.index, dtype="str")


def _labels(frame: GridFrame) -> pd.Series:
    """A grid without a name is called by its code."""
    labels: pd.Series = frame["name"].fillna(frame["code"]).fillna("—")
    return labels


def multi_polygons(frame: GridFrame) -> NDArray[np.object_]:
    """The polygons of n grids as the database keeps them."""
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object).copy()
    single = shapely.get_type_id(shapes) == _POLYGON
    shapes[single] = [shapely.MultiPolygon([each]) for each in shapes[single]]
    return shapes


def _name_levels(session: Session, plan: Plan, placed: Grids) -> None:
    named = set(session.scalars(select(PlanLevel.level).where(PlanLevel.plan_id == plan.id)))
    for each in placed.levels:
        if each.level not in named:
            name = level_name(each.level)
            session.add(PlanLevel(plan_id=plan.id, level=each.level, name_zh=name.zh, name_en=name.en))
    session.flush()


def _notes(placed: Grids, frame: GridFrame) -> Iterator[Text]:
    for each in placed.levels:
        if each.duplicate_codes:
            codes = ", ".join(each.duplicate_codes[:_SHOWN])
            yield Text(
                zh=f"第 {each.level} 级有 {len(each.duplicate_codes)} 个编码不止一个网格在用：{codes}。",
                en=f"Level {each.level}: {len(each.duplicate_codes)} codes stand for several grids: {codes}.",
            )
        for grids, zh, en in (
            (
                each.unknown_parents,
                "所填上级不存在，按土地归属",
                "their stated parent does not exist; placed by land",
            ),
            (each.code_mismatches, "编码属于另一个上级", "their code belongs to another parent"),
        ):
            if grids:
                names = ", ".join(_labels(frame.loc[list(grids[:_SHOWN])]))
                yield Text(
                    zh=f"第 {each.level} 级有 {len(grids)} 个网格{zh}：{names}。",
                    en=f"Level {each.level}: {len(grids)} grids, {en}: {names}.",
                )
    orphans = frame.index[(frame["level"] > 1) & frame["parent"].isna()]
    if len(orphans):
        names = ", ".join(_labels(frame.loc[orphans[:_SHOWN]]))
        yield Text(
            zh=f"{len(orphans)} 个网格没有上级网格：{names}。",
            en=f"{len(orphans)} grids have no parent: {names}.",
        )
