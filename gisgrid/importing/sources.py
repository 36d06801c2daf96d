"""Registers of pollution sources into the database."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.audit import PointFile
from gisgrid.codes import canonical, is_credit_code
from gisgrid.frames import Rejected
from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.importing.registers import Register, place_register
from gisgrid.importing.running import run, write_down
from gisgrid.importing.texts import check_texts
from gisgrid.ingest.named import Named, named_texts
from gisgrid.ingest.reader import read
from gisgrid.ingest.synonyms import CLASS_UNDETERMINED, SOURCE_ROLES
from gisgrid.ingest.table import Table
from gisgrid.model import SCHEMA, SourceClass
from gisgrid.planning.placing import place
from gisgrid.planning.recompute import recompute_sources
from gisgrid.spatial.nearness import representative_points
from gisgrid.store.database import Database
from gisgrid.store.frames import fetch_pairs, stage
from gisgrid.store.merging import Merge, apply, compare, remove_missing, touched
from gisgrid.text import Text

CARRIED = (
    Named(
        "credit_code",
        "统一社会信用代码 社会统一信用代码 统一信用代码 社会信用代码 信用代码 creditcode uscc",
    ),
    Named("industry", "行业 行业类别 行业名称 所属行业 行业分类 国民经济行业 industry sector"),
    Named("located_by", "定位方式 坐标来源 定位方法 坐标获取方式 locatedby positionsource"),
)
"""What a register may say beside what an audit reads."""

_LETTERS = frozenset("ABC")
_AREAL = 2
_OUTLINE = "厂界"
_SHOWN = 5
_NO_CREDIT_CODE = Text(
    zh="统一社会信用代码校验不符，没有记入企业库。",
    en="The credit code's check character is wrong; it was not kept.",
)


@dataclass(frozen=True)
class RegisterImport:
    """A register, and what is to become of rows that it does not have any more."""

    file: PointFile
    encoding: str | None = None
    remove_missing: bool = False


def import_sources(database: Database, wanted: RegisterImport, *, rehearse: bool = False) -> Outcome:
    """Make the sources of the database those of a register; each is recognised by its uid.

    See `gisgrid.importing.registers.with_uids` for uids, and `recompute_sources`
    for what follows in the same transaction. Sources that the file does not
    have are kept and counted, unless they are to be removed.
    """
    table = read(wanted.file.path, encoding=wanted.encoding)
    return run(database, lambda session: _import(session, wanted, table), rehearse=rehearse)


def _import(session: Session, wanted: RegisterImport, table: Table) -> Outcome:
    ours = {each.role for each in CARRIED}
    fields = wanted.file.fields
    theirs = replace(wanted.file, fields={role: name for role, name in fields.items() if role not in ours})
    register = place_register(session, theirs, table, SOURCE_ROLES, "source")
    carried = named_texts(table, CARRIED, {role: name for role, name in fields.items() if role in ours})
    carried = carried.loc[register.frame["row"]].set_index(register.frame.index)
    check_texts(
        pd.concat([register.frame.drop(columns="geometry"), carried], axis=1),
        table.file,
        rows=register.frame["row"],
    )
    enterprise, refused = _enterprises(session, register.frame, carried["credit_code"])
    classes, class_notes = _classes(register.frame["source_class"])
    merge = _stage(session, register, carried, enterprise, classes)
    difference = compare(session, merge)
    outcome = Outcome.of(
        "sources",
        difference,
        files=(FileRead.of(wanted.file.path, register.points.source, *register.rejected, *refused),),
        notes=(*register.notes, *class_notes),
        removed=difference.missing if wanted.remove_missing else 0,
    )
    run_id = write_down(session, outcome)
    if outcome.removed:
        remove_missing(session, merge)
    apply(session, merge, difference, also={"import_id": str(run_id)})
    redrawn = _store_outlines(session, register.frame)
    if outcome.changed or redrawn:
        recompute_sources(session, sorted({*touched(session, merge), *redrawn}))
    return outcome


def _stage(
    session: Session, register: Register, carried: pd.DataFrame, enterprise: pd.Series, classes: pd.Series
) -> Merge:
    frame = register.frame
    shapes = frame.geometry.to_numpy()
    spots = frame.set_geometry(gpd.GeoSeries(representative_points(shapes), index=frame.index, crs=frame.crs))
    placed = place(spots, register.grids)
    stage(
        session,
        "incoming",
        {
            "ord": ("bigint", frame["row"].to_numpy(np.int64)),
            "label": ("text", frame["name"].fillna(frame["uid"])),
            "uid": ("text", frame["uid"]),
            "name": ("text", frame["name"]),
            "enterprise_id": ("bigint", enterprise),
            "kind": ("text", frame["kind"]),
            "industry": ("text", carried["industry"]),
            "source_class": ("text", classes),
            "stated_code": ("text", frame["stated_code"]),
            "stated_name": ("text", frame["stated_name"]),
            "location": ("text", frame["location"]),
            "located_by": ("text", carried["located_by"]),
            "raw_x": ("float8", frame["raw_x"]),
            "raw_y": ("float8", frame["raw_y"]),
            "geometry": ("geometry", spots.geometry.to_numpy()),
            "grid_path": ("text[]", placed.path),
            "stated_distance_m": ("float8", placed.stated_distance_m),
        },
    )
    return Merge(
        table="source",
        staged="incoming",
        key=("uid",),
        compared=(
            *("name", "enterprise_id", "kind", "industry", "source_class", "stated_code", "stated_name"),
            *("location", "located_by", "raw_x", "raw_y", "geometry"),
        ),
        inserted=("grid_path", "stated_distance_m"),
        touch="changed_at = now()",
        label="coalesce(o.name, o.uid)",
    )


def _classes(written: pd.Series) -> tuple[pd.Series, list[Text]]:
    """A, B or C as the register says; everything else is undetermined, and what is no usual word is told."""
    known = written.isin(_LETTERS)
    classes = written.where(known, str(SourceClass.UNDETERMINED))
    strange = written[~known & written.notna() & ~written.str.strip().str.lower().isin(CLASS_UNDETERMINED)]
    if strange.empty:
        return classes, []
    values = ", ".join(f"{value} ({count})" for value, count in strange.value_counts().head(_SHOWN).items())
    note = Text(
        zh=f"{len(strange)} 行的管理类别不是 A、B、C，记为待定：{values}。",
        en=f"{len(strange)} rows have a class other than A, B and C, kept as undetermined: {values}.",
    )
    return classes, [note]


def _enterprises(
    session: Session, frame: gpd.GeoDataFrame, stated: pd.Series
) -> tuple[pd.Series, list[Rejected]]:
    """The id of each row's enterprise, made or renamed as the register says, and the codes that are wrong."""
    given = stated[stated.notna()]
    codes = pd.Series(pd.unique(given), dtype="str")
    valid = {code: canonical(code) for code in codes if is_credit_code(code)}
    code = stated.map(valid)
    wrong = given[~given.isin(valid.keys())]
    refused = [
        Rejected(int(row), _NO_CREDIT_CODE, value)
        for row, value in zip(frame["row"].loc[wrong.index], wrong, strict=True)
    ]
    first = pd.DataFrame({"code": code, "name": frame["name"].fillna(code)}).dropna(subset="code")
    first = first.drop_duplicates("code")
    stage(
        session,
        "enterprises",
        {
            "ord": ("bigint", np.arange(len(first))),
            "label": ("text", first["name"]),
            "credit_code": ("text", first["code"]),
            "name": ("text", first["name"]),
        },
    )
    merge = Merge(table="enterprise", staged="enterprises", key=("credit_code",), compared=("name",))
    apply(session, merge, compare(session, merge))
    ids = fetch_pairs(
        session,
        f"SELECT e.credit_code, e.id FROM {SCHEMA}.enterprise e JOIN enterprises USING (credit_code)",
    )
    return code.map(ids).astype("Int64"), refused


def _store_outlines(session: Session, frame: gpd.GeoDataFrame) -> list[int]:
    """Sources that came as polygons keep them as a unit; the ids of those that changed."""
    areal = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == _AREAL]
    if areal.empty:
        return []
    shapes = np.array(
        [shapely.MultiPolygon(list(shapely.get_parts(each))) for each in areal.geometry], dtype=object
    )
    stage(session, "outlines", {"uid": ("text", areal["uid"]), "geometry": ("geometry", shapes)})
    changed = list(
        session.scalars(
            text(
                f"""SELECT s.id FROM {SCHEMA}.source s JOIN outlines n USING (uid)
                WHERE NOT EXISTS (SELECT FROM {SCHEMA}.source_unit u
                WHERE u.source_id = s.id AND u.name = :name
                AND public.ST_AsEWKB(u.geometry) = public.ST_AsEWKB(n.geometry))"""
            ),
            {"name": _OUTLINE},
        )
    )
    if changed:
        values = {"name": _OUTLINE, "ids": changed}
        session.execute(
            text(f"DELETE FROM {SCHEMA}.source_unit WHERE name = :name AND source_id = ANY (:ids)"),
            values,
        )
        session.execute(
            text(
                f"""INSERT INTO {SCHEMA}.source_unit (source_id, name, geometry)
                SELECT s.id, :name, n.geometry FROM {SCHEMA}.source s JOIN outlines n USING (uid)
                WHERE s.id = ANY (:ids) ORDER BY s.id"""
            ),
            values,
        )
    return changed
