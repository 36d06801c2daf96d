"""What those who may write could write beyond their jurisdiction or role, tried with raw SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.store.database import Database
from tests.city import TOKENS, City, build_city
from tests.squares import box


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`."""
    return build_city(database)


def everything(session: Session) -> dict[str, object]:
    """All rows that an attack could be after, as the operator sees them."""
    tables = (
        "plan",
        "plan_level",
        "grid",
        "assignment",
        "uncovered_source",
        "surrounding",
        "finding",
        "person",
        "post",
        "responsibility",
        "enterprise",
        "duty",
        "duty_transfer",
        "department",
        "topic",
        "access_token",
        "account",
        "decision",
        "check_reason",
        "filing",
        "letter",
        "comment",
    )
    return {
        table: session.execute(
            text(f"SELECT to_jsonb(t) FROM gisgrid.{table} t ORDER BY to_jsonb(t)::text")  # noqa: S608
        )
        .scalars()
        .all()
        for table in tables
    }


GRID = (
    "INSERT INTO gisgrid.grid (plan_id, uid, level, name, path, area_m2, geometry)"
    " SELECT {plan}, '{uid}', 3, 'x', '{path}', 1, geometry FROM gisgrid.grid WHERE uid = 'T1' LIMIT 1"
)

ATTACKS = {
    "publish without approval": (
        "planner",
        "UPDATE gisgrid.plan SET state = 'superseded' WHERE id = {plan}",
        "UPDATE gisgrid.plan SET state = 'published', valid_from = '2026-01-01' WHERE id = {draft}",
    ),
    "publish what was never in review": (
        "approver",
        "UPDATE gisgrid.plan SET state = 'superseded' WHERE id = {plan}",
        "UPDATE gisgrid.plan SET state = 'published', valid_from = '2026-01-01' WHERE id = {draft}",
    ),
    "submit without a decision": (
        "planner",
        "UPDATE gisgrid.plan SET state = 'in_review' WHERE id = {draft}",
    ),
    "decide without doing it": (
        "planner",
        "INSERT INTO gisgrid.decision (plan_id, action) VALUES ({draft}, 'submit')",
    ),
    "submit everybody's draft": (
        "west",
        "INSERT INTO gisgrid.decision (plan_id, action) VALUES ({draft}, 'submit')",
        "UPDATE gisgrid.plan SET state = 'in_review' WHERE id = {draft}",
    ),
    "approve what is still a draft": (
        "approver",
        "INSERT INTO gisgrid.decision (plan_id, action) VALUES ({draft}, 'approve')",
    ),
    "approve as a planner": (
        "planner",
        "INSERT INTO gisgrid.decision (plan_id, action) VALUES ({draft}, 'submit')",
        "UPDATE gisgrid.plan SET state = 'in_review' WHERE id = {draft}",
        "INSERT INTO gisgrid.decision (plan_id, action) VALUES ({draft}, 'approve')",
    ),
    "move sources without publishing": (
        "approver",
        "SELECT gisgrid.put_under('source', ARRAY[{s3}], ARRAY['WEST'], ARRAY[0.0])",
    ),
    "take the plan in force away as an approver": (
        "approver",
        "UPDATE gisgrid.plan SET state = 'superseded' WHERE id = {plan}",
    ),
    "give a reason for everybody's draft": (
        "west",
        "INSERT INTO gisgrid.check_reason (plan_id, key, reason) VALUES ({draft}, 'x', 'x')",
    ),
    "set one's own deadline": (
        "west",
        "INSERT INTO gisgrid.filing (plan_id, grid_uid, deadline) VALUES ({draft}, 'WEST', '2030-01-01')",
    ),
    "accept one's own filing": (
        "west",
        "INSERT INTO gisgrid.filing (plan_id, grid_uid, state) VALUES ({draft}, 'WEST', 'filed')",
        "UPDATE gisgrid.filing SET state = 'accepted'",
    ),
    "file for a neighbour": (
        "west",
        "INSERT INTO gisgrid.filing (plan_id, grid_uid, state) VALUES ({draft}, 'EAST', 'filed')",
    ),
    "accept what was never filed": (
        "planner",
        "INSERT INTO gisgrid.filing (plan_id, grid_uid, state) VALUES ({draft}, 'WEST', 'accepted')",
    ),
    "sign a letter for a neighbour": (
        "west",
        "INSERT INTO gisgrid.letter (upper_uid, lower_uid, signed_on) VALUES ('EAST', 'T3', '2026-01-01')",
    ),
    "sign a letter with a reading token": (
        "token",
        "INSERT INTO gisgrid.letter (upper_uid, lower_uid, signed_on) VALUES ('WEST', 'T2', '2026-01-01')",
    ),
    "tear up a neighbour's letter": ("east", "DELETE FROM gisgrid.letter"),
    "comment on a neighbour's land": (
        "west",
        (
            "INSERT INTO gisgrid.comment (plan_id, text, path, geometry) VALUES ({draft}, 'x', '{{WEST}}',"
            " ST_SetSRID(ST_PointOnSurface(ST_GeomFromText('{east}')), 4490))"
        ),
    ),
    "comment with a reading token": (
        "token",
        (
            "INSERT INTO gisgrid.comment (plan_id, text, geometry) VALUES ({draft}, 'x',"
            " ST_SetSRID(ST_PointOnSurface(ST_GeomFromText('{east}')), 4490))"
        ),
    ),
    "supersede a draft": (
        "planner",
        "UPDATE gisgrid.plan SET state = 'superseded', valid_from = '2026-01-01' WHERE id = {draft}",
    ),
    "begin a published plan": (
        "planner",
        (
            "INSERT INTO gisgrid.plan (territory_zh, territory_en, title_zh, title_en, state, valid_from)"
            " VALUES ('x', 'x', 'x', 'x', 'superseded', '2026-01-01')"
        ),
    ),
    "take the plan in force away": (
        "planner",
        "UPDATE gisgrid.plan SET state = 'superseded' WHERE id = {plan}",
    ),
    "forge an approval number": (
        "planner",
        "UPDATE gisgrid.plan SET approval_number = '审图号 1' WHERE id = {plan}",
    ),
    "draw on the approved copy": ("approver", "UPDATE gisgrid.grid SET name = 'x' WHERE id = {draft_t1}"),
    "delete everybody's draft": ("west", "DELETE FROM gisgrid.plan WHERE id = {draft}"),
    "rename everybody's draft": ("west", "UPDATE gisgrid.plan SET title_zh = 'x' WHERE id = {draft}"),
    "rename the published levels": ("planner", "UPDATE gisgrid.plan_level SET name_zh = 'x'"),
    "remove the published levels": ("west", "DELETE FROM gisgrid.plan_level"),
    "put a grid into a published plan": (
        "planner",
        "UPDATE gisgrid.grid SET plan_id = {plan}, uid = 'NEW' WHERE id = {draft_t1}",
    ),
    "assign a neighbour's source": (
        "west",
        "INSERT INTO gisgrid.assignment (plan_id, source_id, level, grid_id) VALUES ({plan}, {s3}, 7, {t1})",
    ),
    "cover a neighbour's source": ("west", "DELETE FROM gisgrid.uncovered_source"),
    "forget a neighbour's surroundings": ("east", "DELETE FROM gisgrid.surrounding"),
    "publish a neighbour's name": ("east", "UPDATE gisgrid.person SET is_public = true WHERE uid = 'P2'"),
    "publish a name by way of one's own post": (
        "east",
        "INSERT INTO gisgrid.post (grid_uid, kind, title) VALUES ('T3', 'first', 'x')",
        (
            "INSERT INTO gisgrid.responsibility (post_id, person_id, valid_from)"
            " SELECT o.id, p.id, '2020-01-01' FROM gisgrid.post o, gisgrid.person p"
            " WHERE o.grid_uid = 'T3' AND p.uid = 'P2'"
        ),
        "UPDATE gisgrid.person SET is_public = true WHERE uid = 'P2'",
    ),
    "oversee a neighbour by a path of one's own": (
        "west",
        GRID.format(plan="{draft2}", uid="T3", path="{{CITY,WEST,T3}}"),
        "INSERT INTO gisgrid.post (grid_uid, kind, title) VALUES ('T3', 'first', 'x')",
    ),
    "govern the city by a path of one's own": (
        "county admin",
        GRID.format(plan="{draft2}", uid="CITY", path="{{WEST,CITY}}"),
        "UPDATE gisgrid.account SET password_hash = 'mine' WHERE login = 'planner'",
    ),
    "change everybody's duties": ("county admin", "UPDATE gisgrid.duty SET role = 'assist'"),
    "change everybody's transfers": ("county admin", "DELETE FROM gisgrid.duty_transfer"),
    "rename everybody's departments": ("county admin", "UPDATE gisgrid.department SET name_zh = 'x'"),
    "rename everybody's topics": ("county admin", "UPDATE gisgrid.topic SET name_zh = 'x'"),
    "rename a neighbour's enterprise": ("west", "UPDATE gisgrid.enterprise SET name = 'x'"),
    "make a token with a token": (
        "writing token",
        (
            "INSERT INTO gisgrid.access_token (account_id, name, token_hash, scopes, expires_at)"
            " SELECT gisgrid.acting_account(), 'x', '\\x00', '{{write}}', 'infinity'"
        ),
    ),
    "prolong a token with itself": (
        "writing token",
        "UPDATE gisgrid.access_token SET expires_at = 'infinity'",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_writers_write_nothing_beyond_their_role_and_jurisdiction(
    database: Database, city: City, attack: str
) -> None:
    who, *statements = ATTACKS[attack]
    values = _prepare(database, city)
    with database.operating() as session:
        before = everything(session)
    try:
        with database.bearer(TOKENS.get(who, who)) as session:
            for statement in statements:
                session.execute(text(statement.format(**values)))
    except DBAPIError:
        return
    with database.operating() as session:
        after = everything(session)
    # What the first statements made of one's own is no harm.
    changed = {table for table in after if any(row not in after[table] for row in before[table])}
    added = {table for table in after if len(after[table]) > len(before[table])}
    assert changed == set()
    assert not added & {
        "assignment",
        "access_token",
        "plan",
        "decision",
        "check_reason",
        "filing",
        "letter",
        "comment",
    }
    assert "post" not in added or attack == "publish a name by way of one's own post"


def test_what_is_deleted_without_looking_is_deleted_in_the_jurisdiction_only(
    database: Database, city: City
) -> None:
    with database.bearer(TOKENS["west"]) as session:
        session.execute(text("DELETE FROM gisgrid.assignment"))
    with database.operating() as session:
        left = session.execute(text("SELECT DISTINCT source_id FROM gisgrid.assignment")).scalars()
        assert set(left) == {city.sources["S3"], city.sources["S4"]}


def test_a_plan_in_review_is_not_drawn_on(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError) as refused, database.bearer(TOKENS["planner"]) as session:
        session.execute(
            text("UPDATE gisgrid.grid SET name = 'x' WHERE plan_id = :draft"), {"draft": city.draft}
        )
    assert getattr(refused.value.orig, "sqlstate", "") == "GG001"


def test_paths_that_are_not_those_of_the_grids_above_are_not_published(
    database: Database, city: City
) -> None:
    with database.bearer(TOKENS["west"]) as session:
        session.execute(
            text("UPDATE gisgrid.grid SET path = '{CITY,EAST,WEST,T1}' WHERE id = :grid RETURNING id"),
            {"grid": city.draft_grids["T1"]},
        )
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError) as refused, database.bearer(TOKENS["approver"]) as session:
        _publish_draft(session, city)
    assert getattr(refused.value.orig, "sqlstate", "") == "GG001"


def test_planners_of_a_county_still_write_what_is_theirs(database: Database, city: City) -> None:
    values = _prepare(database, city)
    mine = (
        "UPDATE gisgrid.grid SET name = 'x' WHERE id = {draft_t1}",
        "INSERT INTO gisgrid.post (grid_uid, kind, title) VALUES ('T1', 'office', 'x')",
        "UPDATE gisgrid.person SET name = 'x' WHERE uid = 'P1'",
        "UPDATE gisgrid.surrounding SET count = 2",
        "UPDATE gisgrid.plan SET title_zh = 'x' WHERE id = {draft2}",
    )
    for statement in mine:
        with database.bearer(TOKENS["west"]) as session:
            done = session.execute(text(statement.format(**values) + " RETURNING 1")).all()
        assert len(done) == 1, statement


def test_approvers_publish_what_was_submitted(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with database.bearer(TOKENS["approver"]) as session:
        _publish_draft(session, city)
    with database.anonymous() as session:
        assert session.execute(text("SELECT id FROM gisgrid.plan WHERE state = 'published'")).all() == [
            (city.draft,)
        ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gisgrid.plan SET title_zh = 'x' WHERE id = :draft",
        "UPDATE gisgrid.plan SET approval_number = 'x' WHERE id = :draft",
        "DELETE FROM gisgrid.plan WHERE id = :draft",
        "INSERT INTO gisgrid.plan_level (plan_id, level, name_zh, name_en) VALUES (:draft, 9, 'x', 'x')",
    ],
)
@pytest.mark.parametrize("who", ["admin", "planner", "approver"])
def test_what_is_in_review_stays_as_it_was_submitted(
    database: Database, city: City, who: str, change: str
) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError) as refused, database.bearer(TOKENS[who]) as session:
        session.execute(text(change), {"draft": city.draft})
    assert getattr(refused.value.orig, "sqlstate", "") in ("GG001", "GG002", "42501")


@pytest.mark.parametrize("change", ["UPDATE gisgrid.{} SET plan_id = plan_id", "DELETE FROM gisgrid.{}"])
@pytest.mark.parametrize("table", ["decision", "check_reason", "filing", "comment"])
def test_what_was_said_of_a_plan_is_never_changed_or_deleted(
    database: Database, city: City, table: str, change: str
) -> None:
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        database.bearer(TOKENS["admin"]) as session,
    ):
        session.execute(text(change.format(table)))


def test_who_decided_is_what_the_token_says(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        session.execute(
            text(
                "INSERT INTO gisgrid.decision (plan_id, action, account_id, by_login, at)"
                " VALUES (:draft, 'submit', 1, 'somebody else', '2001-01-01')"
            ),
            {"draft": city.draft},
        )
        session.execute(
            text("UPDATE gisgrid.plan SET state = 'in_review' WHERE id = :draft"), {"draft": city.draft}
        )
        signed = session.execute(
            text("SELECT by_login, account_id = gisgrid.acting_account(), at = now() FROM gisgrid.decision")
        ).one()
    assert tuple(signed) == ("planner", True, True)


def test_nobody_approves_what_he_submitted(database: Database, city: City) -> None:
    with database.operating() as session:  # an administrator of the city, not of the whole platform
        session.execute(
            text("UPDATE gisgrid.account SET role = 'admin' WHERE login IN ('planner', 'approver')")
        )
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError) as refused, database.bearer(TOKENS["planner"]) as session:
        _decide(session, city, "approve", "it is fine")
    assert getattr(refused.value.orig, "sqlstate", "") == "42501"
    with database.bearer(TOKENS["approver"]) as session:
        _decide(session, city, "approve")


def test_an_administrator_of_all_approves_his_own_with_a_note_only(database: Database, city: City) -> None:
    with database.bearer(TOKENS["admin"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError), database.bearer(TOKENS["admin"]) as session:
        _decide(session, city, "approve")
    with database.bearer(TOKENS["admin"]) as session:
        _decide(session, city, "approve", "nobody else is here")


def test_a_publication_decided_and_not_carried_out_is_none(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        _submit(session, city)
    with pytest.raises(DBAPIError) as refused:
        _supersede_only(database, city)
    assert getattr(refused.value.orig, "sqlstate", "") == "GG002"
    with database.anonymous() as session:
        assert session.execute(text("SELECT state FROM gisgrid.plan")).scalars().all() == ["published"]


def _supersede_only(database: Database, city: City) -> None:
    with database.bearer(TOKENS["approver"]) as session:
        _decide(session, city, "approve")
        _decide(session, city, "publish")
        session.execute(
            text("UPDATE gisgrid.plan SET state = 'superseded' WHERE id = :id"), {"id": city.plan}
        )


def _decide(session: Session, city: City, action: str, note: str | None = None) -> None:
    session.execute(
        text("INSERT INTO gisgrid.decision (plan_id, action, note) VALUES (:draft, :action, :note)"),
        {"draft": city.draft, "action": action, "note": note},
    )


def _submit(session: Session, city: City) -> None:
    _decide(session, city, "submit")
    session.execute(
        text("UPDATE gisgrid.plan SET state = 'in_review' WHERE id = :draft"), {"draft": city.draft}
    )


def _publish_draft(session: Session, city: City) -> None:
    _decide(session, city, "approve")
    _decide(session, city, "publish")
    session.execute(text("UPDATE gisgrid.plan SET state = 'superseded' WHERE id = :id"), {"id": city.plan})
    session.execute(
        text("UPDATE gisgrid.plan SET state = 'published', valid_from = '2026-01-01' WHERE id = :id"),
        {"id": city.draft},
    )


def _prepare(database: Database, city: City) -> dict[str, object]:
    with database.operating() as session:
        session.execute(
            text("""
            INSERT INTO gisgrid.account (login, name, role, jurisdiction, password_hash)
            VALUES ('east', 'x', 'planner', 'EAST', '!'), ('boss', 'x', 'admin', 'WEST', '!');
            INSERT INTO gisgrid.login_session (token_hash, account_id, expires_at)
            SELECT sha256(convert_to(t, 'UTF8')), a.id, 'infinity' FROM gisgrid.account a
            JOIN (VALUES ('east', 'east'), ('boss', 'county admin')) v(login, t) USING (login);
            INSERT INTO gisgrid.access_token (account_id, name, token_hash, scopes, expires_at)
            SELECT id, 'w', sha256('writing token'), '{read,write}', now() + interval '1 day'
            FROM gisgrid.account WHERE login = 'planner';
            INSERT INTO gisgrid.enterprise (credit_code, name) VALUES ('E', 'e');
            UPDATE gisgrid.source SET enterprise_id = (SELECT id FROM gisgrid.enterprise) WHERE uid = 'S3'""")
        )
        second = session.execute(
            text(
                "INSERT INTO gisgrid.plan (territory_zh, territory_en, title_zh, title_en)"
                " VALUES ('x', 'x', 'x', 'x') RETURNING id"
            )
        ).scalar_one()
    return {
        "plan": city.plan,
        "draft": city.draft,
        "draft2": second,
        "draft_t1": city.draft_grids["T1"],
        "t1": city.grids["T1"],
        "s3": city.sources["S3"],
        "east": box(11_000, 1_000, 12_000, 2_000).wkt,
    }
