"""Responsibility letters (环境监管责任状) of a plan: who has signed with whom, who has not; recording one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import Letter
from gisgrid.planning.checks import GridName
from gisgrid.planning.errors import AlreadyRecorded, UnknownLetter
from gisgrid.planning.first_posts import FirstPost, first_posts
from gisgrid.planning.pairs import Pair, pair_of, pairs_of
from gisgrid.text import Text


class LetterState(StrEnum):
    """How a parent and a child stand: the most pressing first."""

    MISSING = "missing"  # none was ever recorded
    EXPIRED = "expired"  # the last one has run out
    HANDED_ON = "handed_on"  # it holds, but somebody who signed has left the post
    SIGNED = "signed"


_ORDER: Final = tuple(LetterState)
TO_BE_SIGNED: Final = frozenset({LetterState.MISSING, LetterState.EXPIRED, LetterState.HANDED_ON})


@dataclass(frozen=True)
class LetterKept:
    """A letter as it is recorded; it holds until the day before `valid_to`."""

    id: int
    number: str | None
    signed_on: date
    valid_to: date | None
    upper_signatory: str | None
    lower_signatory: str | None
    tasks: str | None
    file: str | None

    def holds(self, on: date) -> bool:
        """Whether it holds on that day."""
        return self.signed_on <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class Signer:
    """A grid, and the post whose holder signs for it; `person` is None where the post is vacant."""

    grid: GridName
    title: str | None
    person: str | None


@dataclass(frozen=True)
class LetterTold:
    """A parent and a child, and their letters.

    Attributes
    ----------
    level : int
        The lower grid's.
    left : tuple of str
        Whose signatory has left the post: "upper", "lower".
    letters : tuple of LetterKept
        The latest first.
    """

    upper: Signer
    lower: Signer
    level: int
    state: LetterState
    left: tuple[str, ...]
    letters: tuple[LetterKept, ...]


@dataclass(frozen=True)
class NewLetter:
    """A letter to be recorded; the upper grid is the plan's."""

    lower: str
    signed_on: date
    valid_to: date | None = None
    number: str | None = None
    upper_signatory: str | None = None
    lower_signatory: str | None = None
    tasks: str | None = None
    file: str | None = None


def letters_of(
    session: Session,
    plan_id: int,
    *,
    upper: str | None = None,
    lower: Sequence[str] | None = None,
    today: date | None = None,
) -> list[LetterTold]:
    """Every parent and child that the asker oversees, with their letters: what is missing first.

    Parameters
    ----------
    upper : str, optional
        The uid of the upper grid; by default any.
    lower : sequence of str, optional
        Uids of the lower grids; by default all.
    today : date, optional
        By default the database's.
    """
    pairs = pairs_of(session, plan_id, lower=lower, upper=upper)
    on = today or today_of(session)
    kept = _kept(session, pairs)
    uids = {pair.lower.uid for pair in pairs} | {pair.upper.uid for pair in pairs}
    posts = first_posts(session, uids)
    told = [_told(pair, kept.get((pair.upper.uid, pair.lower.uid), ()), posts, on) for pair in pairs]
    return sorted(told, key=lambda each: _ORDER.index(each.state))


def today_of(session: Session) -> date:
    """The day it is for the database."""
    return session.scalars(select(func.current_date())).one()


def _kept(session: Session, pairs: Iterable[Pair]) -> dict[tuple[str, str], tuple[LetterKept, ...]]:
    """Letters by upper and lower uid, the latest first."""
    rows = session.scalars(
        select(Letter)
        .where(Letter.lower_uid.in_(sorted({pair.lower.uid for pair in pairs})))
        .order_by(Letter.signed_on.desc(), Letter.id.desc())
    )
    kept: dict[tuple[str, str], tuple[LetterKept, ...]] = {}
    for row in rows:
        key = row.upper_uid, row.lower_uid
        kept[key] = (*kept.get(key, ()), _as_kept(row))
    return kept


def _as_kept(row: Letter) -> LetterKept:
    return LetterKept(
        row.id,
        row.number,
        row.signed_on,
        row.valid_to,
        row.upper_signatory,
        row.lower_signatory,
        row.tasks,
        row.file,
    )


def _told(pair: Pair, letters: tuple[LetterKept, ...], posts: dict[str, FirstPost], on: date) -> LetterTold:
    upper, lower = posts.get(pair.upper.uid), posts.get(pair.lower.uid)
    holding = next((each for each in letters if each.holds(on)), None)
    left: tuple[str, ...] = ()
    if holding is not None:
        sides = (("upper", upper, holding.upper_signatory), ("lower", lower, holding.lower_signatory))
        left = tuple(
            side
            for side, post, signatory in sides
            if post and _has_left(post, signatory, holding.signed_on, on)
        )
        state = LetterState.HANDED_ON if left else LetterState.SIGNED
    else:
        state = LetterState.EXPIRED if letters else LetterState.MISSING
    return LetterTold(
        _signer(pair.upper, upper, on), _signer(pair.lower, lower, on), pair.level, state, left, letters
    )


def _signer(grid: GridName, post: FirstPost | None, on: date) -> Signer:
    if post is None:
        return Signer(grid, None, None)
    holder = post.holder(on)
    return Signer(grid, post.title, None if holder is None else holder.name)


def _has_left(post: FirstPost, signatory: str | None, signed_on: date, on: date) -> bool:
    """Whether who held the post on the day of signing, or is known to have signed, holds it no longer."""
    then, now = post.holder(signed_on), post.holder(on)
    if now is not None and now.name == signatory:
        return False
    if then is not None:
        return now is None or now.person_id != then.person_id
    return signatory is not None and now is not None


def record_letter(session: Session, plan_id: int, new: NewLetter) -> LetterTold:
    """Record a letter that a grid of the plan has signed with the one above it.

    Raises
    ------
    UnknownGrid
    InputError
        If it was signed in the future, or ends before it begins.
    AlreadyRecorded
    """
    pair = pair_of(session, plan_id, new.lower)
    _check_dates(session, new)
    known = session.scalar(
        select(Letter.id).where(
            Letter.upper_uid == pair.upper.uid,
            Letter.lower_uid == new.lower,
            Letter.signed_on == new.signed_on,
        )
    )
    if known is not None:
        raise AlreadyRecorded(
            Text(zh="这一天的责任状已经登记。", en="A letter of that day is recorded already."),
            where=f"{pair.upper.name} – {pair.lower.name}, {new.signed_on}",
            todo=Text(zh="请改日期，或先删除原来的登记。", en="Change the day, or remove that one first."),
        )
    session.add(
        Letter(
            upper_uid=pair.upper.uid,
            lower_uid=new.lower,
            number=new.number,
            signed_on=new.signed_on,
            valid_to=new.valid_to,
            upper_signatory=new.upper_signatory,
            lower_signatory=new.lower_signatory,
            tasks=new.tasks,
            file=new.file,
        )
    )
    session.flush()
    session.expire_all()
    return letters_of(session, plan_id, lower=[new.lower])[0]


def _check_dates(session: Session, new: NewLetter) -> None:
    if new.signed_on > today_of(session):
        raise InputError(
            Text(zh="签订日期还没有到。", en="The day of signing is still to come."),
            where=f"signed_on={new.signed_on}",
            todo=Text(zh="签订之后再登记。", en="Record it when it is signed."),
        )
    if new.valid_to is not None and new.valid_to <= new.signed_on:
        raise InputError(
            Text(zh="终止日期应晚于签订日期。", en="It must end after it was signed."),
            where=f"{new.signed_on} – {new.valid_to}",
            todo=Text(zh="请检查两个日期。", en="Check both dates."),
        )


def remove_letter(session: Session, plan_id: int, letter: int) -> LetterTold:
    """Take away a letter that was recorded by mistake; the audit trail keeps it.

    Raises
    ------
    UnknownLetter
    """
    found = session.get(Letter, letter)
    pairs = (
        [] if found is None else pairs_of(session, plan_id, lower=[found.lower_uid], upper=found.upper_uid)
    )
    if found is None or not pairs:
        raise UnknownLetter(
            Text(zh="没有这份责任状。", en="There is no such letter."),
            where=str(letter),
            todo=Text(zh="请刷新。", en="Reload."),
        )
    session.delete(found)
    session.flush()
    session.expire_all()
    return letters_of(session, plan_id, lower=[pairs[0].lower.uid])[0]


def count_letters(told: Iterable[LetterTold]) -> dict[LetterState, int]:
    """How many pairs there are in each state."""
    states = [each.state for each in told]
    return {state: states.count(state) for state in LetterState}
