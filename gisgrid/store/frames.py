"""Frames to tables and back, many rows at a time: COPY into a temporary table, merged from there."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as csv
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS, GridFrame, ReceptorFrame, SourceFrame
from gisgrid.model import SCHEMA, SRID

SEPARATOR = "\x1f"
"""Between the uids of a path, where it is one text: a character that no uid has."""

Columns = Mapping[str, tuple[str, Any]]
"""Of a temporary table: name → (SQL type, n values)."""

_ROWS_AT_A_TIME = 100_000


def stage(session: Session, name: str, columns: Columns) -> None:
    """Put n rows into the temporary table `name`, which lives until the transaction ends.

    Parameters
    ----------
    session : Session
    name : str
        One that the code gives, never a user.
    columns : mapping of name to (SQL type, values)
        Types are text, bigint, float8, boolean, date, jsonb, text[], bigint[] or
        geometry. Missing values become null; a text[] is given as uids joined by
        `SEPARATOR`, a bigint[] as a sequence of ints each, a geometry as shapely's.
    """
    declared = ", ".join(f'"{column}" {_declared(kind)}' for column, (kind, _) in columns.items())
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
    session.execute(text(f"CREATE TEMP TABLE {name} ({declared}) ON COMMIT DROP"))
    table = pa.table({column: _arrow(kind, values) for column, (kind, values) in columns.items()})
    with _driver(session).cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_A_TIME):
            sink = pa.BufferOutputStream()
            csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
            copy.write(memoryview(sink.getvalue()))
    session.execute(text(f"ANALYZE {name}"))


def fetch(session: Session, query: str, types: Mapping[str, pa.DataType]) -> pd.DataFrame:
    """The rows of a query that has no user's text in it; columns as `types` says, in its order."""
    data = bytearray()
    with (
        _driver(session).cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode()) as copy,
    ):
        for part in copy:
            data += part
    if not data:
        table = pa.schema(list(types.items())).empty_table()
        return pd.DataFrame(table.to_pandas(types_mapper=_nullable))
    table = csv.read_csv(
        pa.py_buffer(data),
        csv.ReadOptions(column_names=list(types), block_size=len(data) + 1),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict(types),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return pd.DataFrame(table.to_pandas(types_mapper=_nullable))


def fetch_pairs(session: Session, query: str) -> dict[str, int]:
    """The rows of a query for a text and a number, as a mapping."""
    rows = fetch(session, query, {"key": pa.string(), "value": pa.int64()})
    return dict(zip(rows["key"].astype("object"), rows["value"].astype("int64"), strict=True))


def read_grids(session: Session, plan_id: int) -> GridFrame:
    """The administrative grids of a plan, indexed by id.

    Beside the columns of a GridFrame: `uid`, and `path`, the uids from the coarsest down, joined by
    `SEPARATOR`.
    """
    rows = fetch(
        session,
        f"""SELECT id, level, code, name, parent_id, uid, array_to_string(path, chr(31)),
                   encode(public.ST_AsBinary(geometry), 'hex')
            FROM {SCHEMA}.grid WHERE plan_id = {int(plan_id)} AND NOT is_overlay ORDER BY id""",
        {
            "id": pa.int64(),
            "level": pa.int64(),
            "code": pa.string(),
            "name": pa.string(),
            "parent": pa.int64(),
            "uid": pa.string(),
            "path": pa.string(),
            "wkb": pa.string(),
        },
    )
    rows["level"] = rows["level"].astype("int64")
    return _framed(rows.set_index(_ids(rows)).drop(columns="id"))


def read_sources(session: Session, ids: Collection[int] | None = None) -> SourceFrame:
    """Sources as points, all or these, indexed by id.

    Columns `id` (the uid), `stated_code`, `stated_name`, and as they are stored: `path` (as in
    `read_grids`), `stated_distance_m`, `stack_size`.
    """
    rows = fetch(
        session,
        f"""SELECT id, uid, stated_code, stated_name, stated_distance_m, stack_size,
                   array_to_string(grid_path, chr(31)), public.ST_X(geometry), public.ST_Y(geometry)
            FROM {SCHEMA}.source {_among(session, ids)} ORDER BY id""",
        {
            "key": pa.int64(),
            "id": pa.string(),
            "stated_code": pa.string(),
            "stated_name": pa.string(),
            "stated_distance_m": pa.float64(),
            "stack_size": pa.int64(),
            "path": pa.string(),
            "x": pa.float64(),
            "y": pa.float64(),
        },
    )
    points = shapely.points(rows.pop("x").to_numpy(np.float64), rows.pop("y").to_numpy(np.float64))
    index = pd.Index(rows.pop("key").astype("int64"))
    return gpd.GeoDataFrame(rows.set_index(index), geometry=points, crs=STORED_CRS)


def read_receptors(session: Session, ids: Collection[int] | None = None) -> ReceptorFrame:
    """Receptors, all or these, indexed by id: `kind` and, as stored, `path`."""
    rows = fetch(
        session,
        f"""SELECT id, kind, array_to_string(grid_path, chr(31)),
                   encode(public.ST_AsBinary(geometry), 'hex')
            FROM {SCHEMA}.receptor {_among(session, ids)} ORDER BY id""",
        {"id": pa.int64(), "kind": pa.string(), "path": pa.string(), "wkb": pa.string()},
    )
    return _framed(rows.set_index(_ids(rows)).drop(columns="id"))


def read_outlines(session: Session) -> gpd.GeoSeries:
    """The outlines of sources that have units with outlines of their own, indexed by the source's id."""
    rows = fetch(
        session,
        f"""SELECT source_id, encode(public.ST_AsBinary(public.ST_Union(geometry)), 'hex')
            FROM {SCHEMA}.source_unit GROUP BY source_id ORDER BY source_id""",
        {"id": pa.int64(), "wkb": pa.string()},
    )
    return _framed(rows.set_index(_ids(rows)).drop(columns="id")).geometry


def joined(uids: Iterable[str]) -> str:
    """A path as one text."""
    return SEPARATOR.join(uids)


def _ids(rows: pd.DataFrame) -> pd.Index:
    return pd.Index(rows["id"].astype("int64"), name="id")


def _framed(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.from_wkb(rows.pop("wkb").to_numpy(object))
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=STORED_CRS)


def _among(session: Session, ids: Collection[int] | None) -> str:
    if ids is None:
        return ""
    stage(session, "wanted", {"id": ("bigint", np.fromiter(ids, np.int64, len(ids)))})
    return "WHERE id IN (SELECT id FROM wanted)"


def _driver(session: Session) -> psycopg.Connection[Any]:
    connection: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    return connection


def _nullable(kind: pa.DataType) -> Any:
    return {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype(na_value=np.nan)}.get(kind)


def _declared(kind: str) -> str:
    return f"public.geometry(Geometry, {SRID})" if kind == "geometry" else kind


def _arrow(kind: str, values: Any) -> pa.Array:
    if kind == "geometry":
        return pa.array(_hex(np.asarray(values, dtype=object)), pa.large_string())
    if kind == "text[]":
        return _array_literals(pd.Series(values, dtype="str"))
    if kind == "bigint[]":
        literals = ["{" + ",".join(str(int(each)) for each in row) + "}" for row in values]
        return pa.array(literals, pa.large_string())
    if kind == "jsonb":
        return pa.array([json.dumps(each, ensure_ascii=False) for each in values], pa.large_string())
    if kind in ("text", "date"):
        return pa.array(pd.Series(values, dtype="object"), pa.large_string(), from_pandas=True)
    types = {"bigint": pa.int64(), "float8": pa.float64(), "boolean": pa.bool_()}
    return pa.array(values, types[kind], from_pandas=True)


def _hex(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    encoded = shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True)
    return np.asarray(encoded, dtype=object)


def _array_literals(paths: pd.Series) -> pa.Array:
    """Joined paths as PostgreSQL writes arrays; each different one is made once."""
    which, different = pd.factorize(paths)
    literals = ["{" + ",".join(_quoted(path)) + "}" for path in different]
    return pa.array(np.array([*literals, None], dtype=object)[which], pa.large_string())


def _quoted(path: str) -> Iterable[str]:
    for each in path.split(SEPARATOR) if path else ():
        escaped = each.replace("\\", "\\\\").replace('"', '\\"')
        yield f'"{escaped}"'
