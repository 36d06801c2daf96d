"""What a plan's grids come to, in one number: a change of any of them changes it."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA

_GRID = """concat_ws(chr(31), g.uid, g.kind, g.level, coalesce(g.code, ''), g.name,
    coalesce(g.category, ''), array_to_string(g.path, chr(30)), g.is_overlay,
    coalesce(g.supervising_level::text, ''), coalesce(g.basis, ''), g.is_partial,
    g.is_indicative, encode(sha256(public.ST_AsBinary(g.geometry, 'NDR')), 'hex'))"""
_LINES = f"""string_agg({_GRID}, chr(10) ORDER BY g.uid COLLATE "C")"""
_ALL = f"encode(sha256(convert_to({_LINES}, 'UTF8')), 'hex')"
_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes at all."""


def checksum(session: Session, plan_id: int) -> str:
    """SHA-256 of a plan's grids: what they are, where they belong, and their geometry, by uid."""
    found = session.scalar(
        text(f"SELECT {_ALL} FROM {SCHEMA}.grid g WHERE g.plan_id = :plan"), {"plan": plan_id}
    )
    return str(found or _NOTHING)


def part_checksums(session: Session, plan_id: int, uids: Collection[str]) -> dict[str, str]:
    """The same of the part of a plan in each of these grids: the grid, and all that lies below it.

    Who asks must see all of the part, as whoever oversees the grid does.
    """
    rows = session.execute(
        text(
            f"""SELECT part.uid, {_ALL} AS sum FROM unnest(CAST(:uids AS text[])) AS part (uid)
            JOIN {SCHEMA}.grid g ON g.plan_id = :plan AND g.path @> ARRAY[part.uid]
            GROUP BY part.uid"""
        ),
        {"plan": plan_id, "uids": sorted(set(uids))},
    )
    return {row.uid: row.sum for row in rows}
