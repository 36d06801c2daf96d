"""Posts, people, and who holds which post since when, stored."""
# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.importing.outcome import FileRead, Outcome
from gisgrid.model import SCHEMA
from gisgrid.store.frames import stage
from gisgrid.store.merging import Difference, Merge, apply, compare, remove_missing
from gisgrid.text import Text


@dataclass(frozen=True)
class Holding:
    """A post of a grid and who holds it; nobody where `person` is None."""

    grid_uid: str
    kind: str
    title: str
    number: int
    body: str | None
    duty_phone: str | None
    person: str | None
    person_uid: str | None
    is_public: bool
    valid_from: date | None
    valid_to: date | None
    verified_on: date | None

    @property
    def post(self) -> tuple[str, str, str, int]:
        """What a post is known by."""
        return (self.grid_uid, self.kind, self.title, self.number)

    def without_phone(self) -> Holding:
        """The same, without the duty phone."""
        return replace(self, duty_phone=None)


def store_holders(
    session: Session, rows: Mapping[int, Holding], file: FileRead, notes: Iterable[Text], *, remove: bool
) -> Outcome:
    """Merge posts, people and the times in which they hold them."""
    posts, removed = _posts(session, rows, remove=remove)
    people = _people(session, rows)
    holdings = _holdings(session, rows)
    ended = _end_before(session)
    differences = (posts, people, holdings)
    breakdown = [
        Text(
            zh=f"岗位新增 {posts.inserted} 改 {posts.updated}；"
            f"人员新增 {people.inserted} 改 {people.updated}；"
            f"任职新增 {holdings.inserted} 改 {holdings.updated}，结束 {ended}。",
            en=f"Posts: {posts.inserted} new, {posts.updated} changed; people: {people.inserted} new, "
            f"{people.updated} changed; terms: {holdings.inserted} new, {holdings.updated} changed, "
            f"{ended} ended.",
        )
    ]
    vacant = sum(row.person is None for row in rows.values())
    if vacant:
        breakdown.append(Text(zh=f"{vacant} 个岗位空缺。", en=f"{vacant} posts are vacant."))
    return Outcome(
        "people",
        inserted=sum(each.inserted for each in differences),
        updated=sum(each.updated for each in differences) + ended,
        unchanged=sum(each.unchanged for each in differences) - ended,
        missing=posts.missing,
        removed=removed,
        examples=posts.examples,
        files=(file,),
        notes=(*notes, *breakdown, *_still_held(session)),
    )


def _posts(session: Session, rows: Mapping[int, Holding], *, remove: bool) -> tuple[Difference, int]:
    last = {row.post: (number, row) for number, row in rows.items()}.values()
    stage(
        session,
        "posts",
        {
            "ord": ("bigint", [number for number, _ in last]),
            "label": ("text", [row.title for _, row in last]),
            **_columns([row for _, row in last], text=("grid_uid", "kind", "title", "body", "duty_phone")),
            "number": ("bigint", [row.number for _, row in last]),
        },
    )
    merge = Merge(
        table="post",
        staged="posts",
        key=("grid_uid", "kind", "title", "number"),
        compared=("body", "duty_phone"),
        scope="o.grid_uid IN (SELECT grid_uid FROM posts)",
        label="o.title",
    )
    difference = compare(session, merge)
    removed = remove_missing(session, merge) if remove else 0
    apply(session, merge, difference)
    return difference, removed


def _people(session: Session, rows: Mapping[int, Holding]) -> Difference:
    last = {row.person_uid: (number, row) for number, row in rows.items() if row.person_uid}.values()
    stage(
        session,
        "people",
        {
            "ord": ("bigint", [number for number, _ in last]),
            "label": ("text", [None for _ in last]),
            "uid": ("text", [row.person_uid for _, row in last]),
            "name": ("text", [row.person for _, row in last]),
            "is_public": ("boolean", [row.is_public for _, row in last]),
        },
    )
    merge = Merge("person", "people", key=("uid",), compared=("name", "is_public"))
    difference = compare(session, merge)
    apply(session, merge, difference)
    return difference


def _holdings(session: Session, rows: Mapping[int, Holding]) -> Difference:
    """Terms of the table: one without an end ends when the next of the same post begins."""
    stage(
        session,
        "held",
        {
            "ord": ("bigint", list(rows)),
            **_columns(
                list(rows.values()),
                text=("grid_uid", "kind", "title", "person_uid"),
                day=("valid_from", "valid_to", "verified_on"),
            ),
            "number": ("bigint", [row.number for row in rows.values()]),
        },
    )
    session.execute(text("DROP TABLE IF EXISTS pg_temp.terms"))
    session.execute(
        text(
            f"""CREATE TEMP TABLE terms ON COMMIT DROP AS
            WITH named AS (
                SELECT h.*, p.id AS post_id, w.id AS person_id FROM held h
                JOIN {SCHEMA}.post p USING (grid_uid, kind, title, number)
                LEFT JOIN {SCHEMA}.person w ON w.uid = h.person_uid
                WHERE h.valid_from IS NOT NULL),
            begun AS (
                SELECT post_id, valid_from FROM named UNION
                SELECT post_id, valid_from FROM {SCHEMA}.responsibility
                WHERE post_id IN (SELECT post_id FROM named))
            SELECT n.ord, n.title AS label, n.post_id, n.person_id, n.valid_from, n.verified_on, coalesce(
                n.valid_to,
                (SELECT min(b.valid_from) FROM begun b
                 WHERE b.post_id = n.post_id AND b.valid_from > n.valid_from)) AS valid_to
            FROM named n"""
        )
    )
    session.execute(text("DROP TABLE IF EXISTS pg_temp.taken"))
    session.execute(
        text("CREATE TEMP TABLE taken ON COMMIT DROP AS SELECT * FROM terms WHERE person_id IS NOT NULL")
    )
    merge = Merge(
        table="responsibility",
        staged="taken",
        key=("post_id", "valid_from"),
        compared=("person_id", "valid_to", "verified_on"),
        label="o.id::text",
    )
    difference = compare(session, merge)
    apply(session, merge, difference)
    return difference


def _end_before(session: Session) -> int:
    """End the terms that were open when somebody else took the post up, or when it fell vacant."""
    open_then = f"""FROM (SELECT r.id, min(t.valid_from) AS day FROM {SCHEMA}.responsibility r JOIN terms t
        ON t.post_id = r.post_id AND r.valid_from < t.valid_from
        AND (r.valid_to IS NULL OR r.valid_to > t.valid_from) GROUP BY r.id) ended"""
    count = session.scalar(text(f"SELECT count(*) {open_then}")) or 0
    if count:
        session.execute(
            text(
                f"UPDATE {SCHEMA}.responsibility o SET valid_to = ended.day {open_then} WHERE o.id = ended.id"
            )
        )
    return count


def _still_held(session: Session) -> tuple[Text, ...]:
    """Posts that the table calls vacant without saying since when, while somebody holds them."""
    count = session.scalar(
        text(
            f"""SELECT count(*) FROM held h JOIN {SCHEMA}.post p USING (grid_uid, kind, title, number)
            JOIN {SCHEMA}.responsibility r ON r.post_id = p.id AND r.valid_to IS NULL
            WHERE h.person_uid IS NULL AND h.valid_from IS NULL"""
        )
    )
    if not count:
        return ()
    return (
        Text(
            zh=f"{count} 个岗位在表中空缺，但库中仍有人任职；请填写空缺起始日期（任职日期列）。",
            en=f"{count} posts are vacant in the table, but held in the database; "
            "say since when, in valid_from.",
        ),
    )


def _columns(
    rows: list[Holding], *, text: tuple[str, ...] = (), day: tuple[str, ...] = ()
) -> dict[str, tuple[str, Any]]:
    columns: dict[str, tuple[str, Any]] = {
        each: ("text", [getattr(row, each) for row in rows]) for each in text
    }
    for each in day:
        days = [getattr(row, each) for row in rows]
        columns[each] = ("date", [None if value is None else value.isoformat() for value in days])
    return columns
