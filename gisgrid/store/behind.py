"""Statements that a thread of their own sends, while who asked for them goes on computing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy.orm import Session

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Behind:
    """What is done with a session one after another, behind the back of who computes.

        with Behind(session) as behind:
            behind.do(write_changes, plan_id, changes)  # goes on at once
            found = audit(grids)
            store(behind.session, found)  # once the changes are written

    Half of an edit is the database's work and half of it ours; this way they take turns on two processors.
    Whoever needs the session itself in between asks here for it, since two threads must not use it at once.
    Nothing is done after something has failed; that error comes up with the next question, at the latest
    at the end.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="behind")
        self._last: Future[Any] = Future()  # of what is to be done last
        self._last.set_result(None)

    def do(
        self, work: Callable[Concatenate[Session, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_T]:
        """Do this after all that is to be done already."""
        before = self._last

        def in_turn() -> _T:
            before.result()
            return work(self._session, *args, **kwargs)

        self._last = future = self._thread.submit(in_turn)
        return future

    @property
    def session(self) -> Session:
        """The session, once all that was to be done is done."""
        self._last.result()
        return self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if error is None:
            self._last.result()
