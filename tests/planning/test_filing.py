"""Parts of a plan are filed with the level above, which answers; what is late is told first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.model import FilingState
from gisgrid.planning.checksums import checksum, part_checksums
from gisgrid.planning.errors import NotYours, UnknownGrid, WrongStep
from gisgrid.planning.filing import accept, count_filings, file_part, filings_of, give_back, set_deadline
from gisgrid.store.database import Database
from tests.city import City
from tests.planning.conftest import token_of

As = Callable[[str], AbstractContextManager[Session]]
TODAY = date(2026, 11, 26)


@pytest.fixture
def as_(database: Database, city: City) -> As:
    """`as_("west")` is a transaction of that account."""
    return lambda login: database.bearer(token_of(login))


def states(session: Session, city: City) -> dict[str, str]:
    """State by uid."""
    return {each.grid.uid: str(each.state) for each in filings_of(session, city.draft)}


def test_every_grid_below_another_has_to_file(as_: As, city: City) -> None:
    with as_("planner") as session:
        assert states(session, city) == dict.fromkeys(("WEST", "EAST", "T1", "T2", "T3"), "not_filed")
    with as_("west") as session:
        told = {each.grid.uid: each for each in filings_of(session, city.draft)}
        assert set(told) == {"WEST", "T1", "T2"}
        # In a draft a county does not see the city; its name is that of the plan in force.
        assert (told["WEST"].with_grid.uid, told["WEST"].with_grid.name) == ("CITY", "示例市")


def test_of_a_published_plan_a_neighbours_filings_are_not_seen(as_: As, city: City) -> None:
    with as_("west") as session:
        assert {each.grid.uid for each in filings_of(session, city.plan)} == {"WEST", "T1", "T2"}
        with pytest.raises(UnknownGrid):
            file_part(session, city.plan, "EAST")


def test_the_level_below_files_and_the_level_above_accepts(as_: As, city: City) -> None:
    with as_("west") as session:
        filed = file_part(session, city.draft, "WEST", note="请审")
        assert (filed.state, filed.filed_by, filed.note) == (FilingState.FILED, "west", "请审")
        assert filed.filed_at is not None
        assert not filed.may_answer
    with as_("approver") as session:
        assert [each.grid.uid for each in filings_of(session, city.draft) if each.may_answer] == ["WEST"]
        accepted = accept(session, city.draft, "WEST")
        assert (accepted.state, accepted.answered_by) == (FilingState.ACCEPTED, "approver")


def test_what_is_returned_says_why_and_is_filed_again(as_: As, city: City) -> None:
    with as_("town") as session:
        file_part(session, city.draft, "T1")
    with as_("west") as session:
        returned = give_back(session, city.draft, "T1", note="<b>边界</b>\n不符")
        assert (returned.state, returned.note) == (FilingState.RETURNED, "<b>边界</b>\n不符")
    with as_("town") as session:
        again = file_part(session, city.draft, "T1")
        assert (again.state, again.note, again.answered_by) == (FilingState.FILED, None, None)


def test_what_is_filed_is_not_filed_again_until_it_changes(as_: As, city: City) -> None:
    with as_("west") as session:
        file_part(session, city.draft, "WEST")
    with as_("west") as session, pytest.raises(WrongStep):
        file_part(session, city.draft, "WEST")
    with as_("planner") as session:
        accept(session, city.draft, "WEST")
    with as_("west") as session:
        session.execute(
            text("UPDATE gisgrid.grid SET name = '新镇' WHERE id = :id"), {"id": city.draft_grids["T1"]}
        )
        (told,) = filings_of(session, city.draft, grids=["WEST"])
        assert told.has_changed
        assert told.may_file
        again = file_part(session, city.draft, "WEST")
        assert (again.state, again.has_changed) == (FilingState.FILED, False)


def test_a_change_elsewhere_does_not_count(as_: As, city: City) -> None:
    with as_("west") as session:
        file_part(session, city.draft, "WEST")
    with as_("planner") as session:
        session.execute(
            text("UPDATE gisgrid.grid SET name = 'x' WHERE id = :id"), {"id": city.draft_grids["T3"]}
        )
        (told,) = filings_of(session, city.draft, grids=["WEST"])
        assert not told.has_changed


@pytest.mark.parametrize("answer", [accept, lambda *of: give_back(*of, note="x")])
def test_what_was_not_filed_is_not_answered(
    as_: As, city: City, answer: Callable[[Session, int, str], object]
) -> None:
    with as_("planner") as session:
        with pytest.raises(WrongStep):
            answer(session, city.draft, "WEST")
        assert states(session, city)["WEST"] == "not_filed"


def test_nobody_answers_from_below_or_beside(as_: As, city: City) -> None:
    with as_("west") as session:
        file_part(session, city.draft, "WEST")
    with as_("west") as session, pytest.raises(NotYours):
        accept(session, city.draft, "WEST")
    with as_("town") as session, pytest.raises(UnknownGrid):
        accept(session, city.draft, "WEST")


def test_who_filed_for_a_level_below_does_not_answer_it(as_: As, city: City) -> None:
    with as_("planner") as session:
        told = file_part(session, city.draft, "WEST")
        assert told.is_own
        assert not told.may_answer
    with as_("planner") as session, pytest.raises(NotYours):
        accept(session, city.draft, "WEST")
    with as_("admin") as session:
        assert accept(session, city.draft, "WEST").state is FilingState.ACCEPTED


def test_an_answered_filing_is_not_answered_twice(as_: As, city: City) -> None:
    with as_("west") as session:
        file_part(session, city.draft, "WEST")
    with as_("planner") as session:
        accept(session, city.draft, "WEST")
        with pytest.raises(WrongStep):
            give_back(session, city.draft, "WEST", note="x")


def test_approvers_and_analysts_do_not_file(as_: As, city: City) -> None:
    for login in ("approver", "analyst"):
        with as_(login) as session:
            assert not any(each.may_file for each in filings_of(session, city.draft))
        with pytest.raises(DBAPIError) as refused, as_(login) as session:
            file_part(session, city.draft, "WEST")
        assert getattr(refused.value.orig, "sqlstate", "") == "42501"


def test_the_level_above_sets_deadlines_and_what_is_late_comes_first(as_: As, city: City) -> None:
    with as_("planner") as session:
        set_deadline(session, city.draft, ["T1", "T3"], TODAY - timedelta(days=3))
        set_deadline(session, city.draft, ["EAST"], TODAY - timedelta(days=10))
        set_deadline(session, city.draft, ["WEST"], TODAY)
    with as_("town") as session:
        file_part(session, city.draft, "T1")
    with as_("planner") as session:
        told = filings_of(session, city.draft, today=TODAY)
        assert [(each.grid.uid, each.overdue_days) for each in told] == [
            ("EAST", 10),
            ("T3", 3),
            ("WEST", 0),  # on its last day it is not late
            ("T2", 0),
            ("T1", 0),
        ]
        counts = count_filings(told)
        assert (counts.total, counts.filed, counts.not_filed, counts.overdue) == (5, 1, 4, 2)
        (cleared,) = set_deadline(session, city.draft, ["EAST"], None)
        assert cleared.deadline is None


def test_a_deadline_leaves_what_was_filed_and_noted(as_: As, city: City) -> None:
    with as_("west") as session:
        file_part(session, city.draft, "WEST", note="请审")
    with as_("planner") as session:
        (told,) = set_deadline(session, city.draft, ["WEST"], TODAY)
        assert (told.state, told.note, told.filed_by) == (FilingState.FILED, "请审", "west")


def test_one_grid_too_many_and_no_deadline_is_set(as_: As, city: City) -> None:
    with as_("west") as session:
        with pytest.raises(NotYours):
            set_deadline(session, city.draft, ["T1", "WEST"], TODAY)
        with pytest.raises(UnknownGrid):
            set_deadline(session, city.draft, ["T1", "T3"], TODAY)
        assert {each.deadline for each in filings_of(session, city.draft)} == {None}


def test_of_a_superseded_plan_nothing_is_filed(database: Database, as_: As, city: City) -> None:
    with database.operating() as session:
        session.execute(
            text("UPDATE gisgrid.plan SET state = 'superseded', valid_to = '2026-01-01' WHERE id = :id"),
            {"id": city.plan},
        )
    with as_("west") as session:
        assert not any(each.may_file for each in filings_of(session, city.plan))
        with pytest.raises(WrongStep):
            file_part(session, city.plan, "WEST")
    with pytest.raises(DBAPIError) as refused, as_("west") as session:
        session.execute(
            text("INSERT INTO gisgrid.filing (plan_id, grid_uid, state) VALUES (:plan, 'WEST', 'filed')"),
            {"plan": city.plan},
        )
    assert getattr(refused.value.orig, "sqlstate", "") == "GG002"


def test_grids_that_are_none_or_overlays_are_unknown(as_: As, city: City) -> None:
    with as_("admin") as session:
        for uid in ("NOWHERE", "CITY", "KEY", "T1\x00", "'; DROP"):
            with pytest.raises(UnknownGrid):
                file_part(session, city.draft, uid)


def test_a_part_has_the_same_checksum_for_all_who_oversee_it(as_: As, city: City) -> None:
    sums = []
    for login in ("west", "planner", "admin"):
        with as_(login) as session:
            sums.append(part_checksums(session, city.draft, ["WEST"]))
    assert sums[0] == sums[1] == sums[2]
    with as_("admin") as session:
        assert part_checksums(session, city.draft, ["CITY"])["CITY"] == checksum(session, city.draft)
        assert checksum(session, 999_999) != checksum(session, city.draft)
