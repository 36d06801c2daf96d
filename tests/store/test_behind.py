"""Statements that are sent while their author goes on: in order, and not in silence."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.store.behind import Behind
from gisgrid.store.database import Database


def put(session: Session, number: int) -> int:
    session.execute(text("INSERT INTO seen VALUES (:number)"), {"number": number})
    return number


def seen(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT number FROM seen ORDER BY ctid")))


def begin(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE seen (number bigint PRIMARY KEY)"))


def test_work_is_done_in_turn_while_its_author_goes_on(database: Database) -> None:
    goes_on = threading.Event()
    with database.operating() as session, Behind(session) as behind:
        behind.do(begin)
        behind.do(lambda _: goes_on.wait(20))
        futures = [behind.do(put, number) for number in (3, 1, 2)]
        assert not any(each.done() for each in futures)
        goes_on.set()
        assert seen(behind.session) == [3, 1, 2]  # whoever asks for the session waits for all before
        assert [each.result() for each in futures] == [3, 1, 2]


def test_after_a_failure_nothing_more_is_done_and_it_is_told(database: Database) -> None:
    done = []
    with database.operating() as session:
        begin(session)
        behind = Behind(session)
        futures = [behind.do(put, number) for number in (1, 1)]
        behind.do(lambda _: done.append(2))
        with pytest.raises(DBAPIError, match="duplicate key"):
            _ = behind.session
        with pytest.raises(DBAPIError, match="duplicate key"):
            behind.__exit__(None, None, None)
        assert futures[0].result() == 1
        session.rollback()
    assert not done


def test_an_error_of_the_author_is_told_once_the_work_is_done(database: Database) -> None:
    def divide(session: Session) -> float:
        with Behind(session) as behind:
            behind.do(put, 1)
            return 1 / 0

    with database.operating() as session:
        begin(session)
        with pytest.raises(ZeroDivisionError):
            divide(session)
        assert seen(session) == [1]
