"""A staged table merged into a stored one: new rows inserted, differing ones updated, the rest left alone."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA

EXAMPLES = 5
"""How many rows of each kind are named."""


@dataclass(frozen=True)
class Merge:
    """What is merged into what.

    Attributes
    ----------
    table : str
        The stored table, with a column `id`.
    staged : str
        A temporary table with `ord` (the order of new rows), `label` (what a row
        is called in a summary), the key and all columns.
    key : tuple of str
        Columns by which rows are recognised.
    compared : tuple of str
        Columns that make a row "updated" if they differ.
    inserted : tuple of str
        Further columns that new rows get.
    scope : str
        A condition on the stored rows `o`: which of them the staged ones stand for.
    touch : str
        Further assignments of an update.
    label : str
        What a stored row `o` is called.
    """

    table: str
    staged: str
    key: tuple[str, ...]
    compared: tuple[str, ...]
    inserted: tuple[str, ...] = ()
    scope: str = "true"
    touch: str = ""
    label: str = "o.name"

    @property
    def joined(self) -> str:
        """Whether a staged row `n` stands for a stored row `o`."""
        equal = " AND ".join(f"o.{each} IS NOT DISTINCT FROM n.{each}" for each in self.key[1:])
        return " AND ".join(
            part for part in (f"o.{self.key[0]} = n.{self.key[0]}", equal, self.scope) if part
        )

    @property
    def differs(self) -> str:
        """Whether they differ."""
        pairs = (
            f"public.ST_AsEWKB({side}.geometry)" if each == "geometry" else f"{side}.{each}"
            for each in self.compared
            for side in "on"
        )
        compared = " OR ".join(f"{old} IS DISTINCT FROM {new}" for old, new in zip(pairs, pairs, strict=True))
        return compared or "false"


@dataclass(frozen=True)
class Difference:
    """How many rows are new, differ, are equal, or are stored but not staged; and what some are called."""

    inserted: int
    updated: int
    unchanged: int
    missing: int
    examples: dict[str, tuple[str, ...]]

    @property
    def is_empty(self) -> bool:
        """Whether applying it changes nothing, apart from what is missing."""
        return self.inserted == self.updated == 0


def compare(session: Session, merge: Merge, *, values: dict[str, Any] | None = None) -> Difference:
    """Compare the staged rows with the stored ones, and remember the result for `apply` and `touched`."""
    values = values or {}
    state = f"{merge.staged}_state"
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{state}"))
    session.execute(
        text(
            f"""CREATE TEMP TABLE {state} ON COMMIT DROP AS
            SELECT n.ord, o.id AS stored, CASE WHEN o.id IS NULL THEN 'inserted'
                WHEN {merge.differs} THEN 'updated' ELSE 'unchanged' END AS change
            FROM {merge.staged} n LEFT JOIN {SCHEMA}.{merge.table} o ON {merge.joined}"""
        ),
        values,
    )
    session.execute(text(f"ANALYZE {state}"))
    counted = session.execute(text(f"SELECT change, count(*) AS rows FROM {state} GROUP BY change"))
    counts: dict[str, int] = {row.change: row.rows for row in counted}
    examples = {
        change: tuple(
            session.scalars(
                text(
                    f"SELECT n.label FROM {merge.staged} n JOIN {state} s USING (ord) "
                    "WHERE s.change = :change AND n.label IS NOT NULL ORDER BY ord LIMIT :some"
                ),
                {"change": change, "some": EXAMPLES},
            )
        )
        for change in ("inserted", "updated")
    }
    missing = session.scalar(text(f"SELECT count(*) {_missing(merge)}"), values) or 0
    examples["missing"] = tuple(
        session.scalars(
            text(f"SELECT {merge.label} {_missing(merge)} ORDER BY o.id LIMIT :some"),
            {**values, "some": EXAMPLES},
        )
    )
    return Difference(
        counts.get("inserted", 0), counts.get("updated", 0), counts.get("unchanged", 0), missing, examples
    )


def apply(
    session: Session, merge: Merge, difference: Difference, *, also: Mapping[str, str] | None = None
) -> None:
    """Insert and update what `compare` found; a statement that would change nothing is not sent.

    `also` are columns of new and changed rows with the SQL of their value.
    """
    also = also or {}
    source = f"{merge.staged} n JOIN {merge.staged}_state s USING (ord)"
    if difference.updated:
        assigned = [*(f"{each} = n.{each}" for each in merge.compared)]
        assigned += [f"{column} = {value}" for column, value in also.items()]
        assigned += [merge.touch] if merge.touch else []
        session.execute(
            text(
                f"UPDATE {SCHEMA}.{merge.table} o SET {', '.join(assigned)} FROM {source} "
                "WHERE s.change = 'updated' AND s.stored = o.id"
            )
        )
    if difference.inserted:
        columns = list(dict.fromkeys([*merge.key, *merge.compared, *merge.inserted]))
        values = [*(f"n.{each}" for each in columns), *also.values()]
        session.execute(
            text(
                f"INSERT INTO {SCHEMA}.{merge.table} ({', '.join([*columns, *also])}) "
                f"SELECT {', '.join(values)} FROM {source} "
                "WHERE s.change = 'inserted' ORDER BY ord"
            )
        )


def remove_missing(session: Session, merge: Merge, *, values: dict[str, Any] | None = None) -> int:
    """Delete the stored rows of the scope that are not staged; how many."""
    ids = list(session.scalars(text(f"SELECT o.id {_missing(merge)}"), values or {}))
    if ids:
        session.execute(text(f"DELETE FROM {SCHEMA}.{merge.table} WHERE id = ANY (:ids)"), {"ids": ids})
    return len(ids)


def touched(session: Session, merge: Merge) -> list[int]:
    """The ids of the stored rows that `apply` inserted or updated."""
    return list(
        session.scalars(
            text(
                f"""SELECT o.id FROM {SCHEMA}.{merge.table} o
                JOIN {merge.staged} n ON {merge.joined} JOIN {merge.staged}_state s ON s.ord = n.ord
                WHERE s.change <> 'unchanged' ORDER BY o.id"""
            )
        )
    )


def new_ids(session: Session, table: str, count: int) -> Sequence[int]:
    """Ids for rows that are still to be inserted, ascending."""
    return list(
        session.scalars(
            text(f"SELECT nextval('{SCHEMA}.{table}_id_seq') FROM generate_series(1, :count)"),
            {"count": count},
        )
    )


def _missing(merge: Merge) -> str:
    return (
        f"FROM {SCHEMA}.{merge.table} o WHERE {merge.scope} "
        f"AND NOT EXISTS (SELECT FROM {merge.staged} n WHERE {merge.joined})"
    )
