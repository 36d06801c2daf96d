"""Key and unit grids: overlays of the grid that owns them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.files import read_files
from gisgrid.audit.grids import Grids, place_grids
from gisgrid.audit.request import AuditRequest
from gisgrid.errors import InputError
from gisgrid.frames import GridFrame, Rejected
from gisgrid.importing.cells import BadCell, as_bool, as_choice
from gisgrid.importing.grids import multi_polygons
from gisgrid.importing.lookups import GridFinder
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.plans import Target, choose, writable
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts, digest
from gisgrid.ingest.named import Named, named_texts
from gisgrid.model import Grid, GridKind, Plan
from gisgrid.spatial.measure import area_m2
from gisgrid.store.database import Database
from gisgrid.store.frames import joined, stage
from gisgrid.store.merging import Difference, Merge, apply, compare, new_ids, remove_missing
from gisgrid.text import Text

CARRIED = (
    Named("uid", "uid 网格uid 唯一标识 唯一标识码 uuid guid globalid"),
    Named("category", "category 类别 网格类别 类型 网格类型"),
    Named("basis", "basis 划分依据 依据"),
    Named("partial", "partial ispartial 部分覆盖"),
)
_BASES = {
    **dict.fromkeys(("division", "行政区划"), "division"),
    **dict.fromkeys(("key_area", "重点区域及流域", "重点区域", "流域"), "key_area"),
    **dict.fromkeys(("targets", "重点监管对象分布", "重点监管对象"), "targets"),
}


@dataclass(frozen=True)
class OverlayImport:
    """One file of overlays (`audit` names it), of which kind, and the code, uid or name of their owner."""

    audit: AuditRequest
    kind: GridKind
    owner: str
    target: Target = field(default_factory=Target)
    remove_missing: bool = False


def import_overlays(database: Database, wanted: OverlayImport, *, rehearse: bool = False) -> Outcome:
    """Make the key or unit grids of an owner those of a file, in a draft plan; known by uid, code or name."""
    if len(wanted.audit.level_files) != 1:
        raise InputError(
            Text(zh="重点或单元网格一次导入一个文件。", en="Key and unit grids come one file at a time."),
            todo=Text(zh="请分别导入。", en="Import them one by one."),
        )
    tables = read_files(wanted.audit)
    table = tables[wanted.audit.level_files[0].path]
    placed = place_grids(wanted.audit, tables)
    carried = named_texts(table, CARRIED, {})
    check_texts(pd.concat([placed.frame[["code", "name"]]]), table.file)
    check_texts(carried, table.file)
    frame, rejected = _described(placed.frame, carried)
    return run(database, lambda session: _import(session, wanted, placed, frame, rejected), rehearse=rehearse)


def _described(frame: GridFrame, carried: pd.DataFrame) -> tuple[GridFrame, list[Rejected]]:
    """The overlays with basis and partial understood; those that cannot be are rejected."""
    first = [rows[0] for rows in frame["rows"]]
    texts = carried.loc[first].set_index(frame.index)
    rejected, bases, partial = [], {}, {}
    for grid, row in zip(frame.index, first, strict=True):
        basis, covers = texts.at[grid, "basis"], texts.at[grid, "partial"]
        try:
            what = Text(zh="划分依据", en="basis")
            bases[grid] = as_choice(basis, _BASES, what) if isinstance(basis, str) else None
            partial[grid] = as_bool(covers if isinstance(covers, str) else None)
        except BadCell as bad:
            rejected.append(Rejected(int(row), bad.reason))
    kept = frame.loc[list(partial)]
    return kept.assign(
        uid=texts["uid"].loc[kept.index],
        category=texts["category"].loc[kept.index],
        basis=pd.Series(bases, dtype="object"),
        partial=pd.Series(partial, dtype="bool"),
    ), rejected


def _import(
    session: Session, wanted: OverlayImport, placed: Grids, frame: GridFrame, rejected: list[Rejected]
) -> Outcome:
    chosen = choose(session, wanted.target, wanted.owner)
    plan = chosen.plan
    difference, merge = _merge(session, plan, wanted, frame)
    change_needed = not difference.is_empty or (wanted.remove_missing and difference.missing > 0)
    removed = 0
    if change_needed:
        if chosen.is_fixed:
            plan = writable(session, chosen, wanted.target)
            difference, merge = _merge(session, plan, wanted, frame)
        removed = remove_missing(session, merge) if wanted.remove_missing else 0
        apply(session, merge, difference)
    outcome = replace(
        Outcome.of("grids", difference, plan=(plan.id, plan.title_zh, str(plan.state))),
        removed=removed,
        files=(FileRead.of(wanted.audit.level_files[0].path, placed.levels[0].source, *rejected),),
    )
    write_down(session, outcome)
    return outcome


def _merge(session: Session, plan: Plan, wanted: OverlayImport, frame: GridFrame) -> tuple[Difference, Merge]:
    owner = _owner(session, plan, wanted.owner)
    uids = _uids(session, plan, owner, wanted.kind, frame)
    stored = select(Grid.uid, Grid.id).where(Grid.plan_id == plan.id, Grid.is_overlay)
    own: dict[str, int] = {row.uid: row.id for row in session.execute(stored)}
    new = iter(new_ids(session, "grid", sum(uid not in own for uid in uids)))
    count = len(frame)
    stage(
        session,
        "overlays",
        {
            "ord": ("bigint", frame.index.to_numpy(np.int64)),
            "label": ("text", frame["name"].fillna("—")),
            "id": ("bigint", [own[uid] if uid in own else next(new) for uid in uids]),
            "plan_id": ("bigint", [plan.id] * count),
            "uid": ("text", uids),
            "kind": ("text", [str(wanted.kind)] * count),
            "level": ("bigint", [owner.level] * count),
            "code": ("text", frame["code"]),
            "name": ("text", frame["name"].fillna(frame["code"]).fillna("—")),
            "category": ("text", frame["category"]),
            "path": ("text[]", [joined([*owner.path, uid]) for uid in uids]),
            "is_overlay": ("boolean", [True] * count),
            "owner_id": ("bigint", [owner.id] * count),
            "supervising_level": ("bigint", [1 if wanted.kind is GridKind.KEY else None] * count),
            "basis": ("text", frame["basis"]),
            "is_partial": ("boolean", frame["partial"]),
            "is_indicative": ("boolean", frame["indicative"].astype(bool)),
            "area_m2": ("float8", area_m2(frame.geometry.to_numpy())),
            "geometry": ("geometry", multi_polygons(frame)),
        },
    )
    merge = Merge(
        table="grid",
        staged="overlays",
        key=("id",),
        compared=(
            *("level", "code", "name", "category", "path", "owner_id", "supervising_level", "basis"),
            *("is_partial", "is_indicative", "area_m2", "geometry"),
        ),
        inserted=("plan_id", "uid", "kind", "is_overlay"),
        scope=f"o.plan_id = {int(plan.id)} AND o.kind = '{wanted.kind.value}' "
        f"AND o.owner_id = {int(owner.id)}",
        touch="version = o.version + 1",
    )
    return compare(session, merge), merge


def _owner(session: Session, plan: Plan, wanted: str) -> Grid:
    where = f"{plan.id} {plan.title_zh}"
    try:
        uid = GridFinder(session, plan.id).find(wanted)
    except BadCell as bad:
        raise InputError(
            bad.reason, where=where, todo=Text(zh="请用 --owner 给出编码。", en="Give its code with --owner.")
        ) from None
    return session.scalars(select(Grid).where(Grid.plan_id == plan.id, Grid.uid == uid)).one()


def _uids(session: Session, plan: Plan, owner: Grid, kind: GridKind, frame: GridFrame) -> list[str]:
    """Of the known overlay with that uid, code or name; else the file's, else a digest of owner and name."""
    known = session.execute(
        select(Grid.uid, Grid.code, Grid.name).where(
            Grid.plan_id == plan.id, Grid.kind == kind, Grid.owner_id == owner.id
        )
    ).all()
    by = {key: uid for uid, code, name in known for key in (name, code, uid) if key}
    uids: list[str] = []
    for row in frame[["uid", "code", "name"]].itertuples():
        names = [each for each in (row.uid, row.code, row.name) if isinstance(each, str)]
        found = next((by[each] for each in names if each in by), None)
        wish = found or (row.uid if isinstance(row.uid, str) else f"{kind.value}-{digest(owner.uid, *names)}")
        uids.append(wish if wish not in uids else f"{wish}-{len(uids)}")
    return uids
