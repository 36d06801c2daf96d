"""Responsibility letters (环境监管责任状): who has signed with whom, who has not, and drafts to be signed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession
from api.drafts import Planner, PlanReader, VisiblePlan
from gisgrid.planning import letters
from gisgrid.planning.drawn import Uid
from gisgrid.planning.letters import LetterState, LetterTold, NewLetter, Signer, count_letters, letters_of

router = APIRouter(prefix="/api/plans/{plan_id}/letters", tags=["letters"])

Line = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"),
]
Words = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class SignerShown(BaseModel):
    """A grid, and the post whose holder signs for it; `person` is null where the post is vacant."""

    grid: Named
    title: str | None
    person: str | None

    @classmethod
    def of(cls, signer: Signer) -> SignerShown:
        """The same, for an answer."""
        return cls(grid=Named(**vars(signer.grid)), title=signer.title, person=signer.person)


class LetterShown(BaseModel):
    """A letter as it is recorded; it holds until the day before `valid_to`."""

    id: int
    number: str | None
    signed_on: date
    valid_to: date | None
    upper_signatory: str | None
    lower_signatory: str | None
    tasks: str | None
    file: str | None


class PairShown(BaseModel):
    """A parent and a child, and their letters, the latest first; `left`: whose signatory left the post."""

    upper: SignerShown
    lower: SignerShown
    level: int
    state: LetterState
    left: list[str]
    letters: list[LetterShown]

    @classmethod
    def of(cls, told: LetterTold) -> PairShown:
        """The same, for an answer."""
        return cls(
            upper=SignerShown.of(told.upper),
            lower=SignerShown.of(told.lower),
            level=told.level,
            state=told.state,
            left=list(told.left),
            letters=[LetterShown(**vars(each)) for each in told.letters],
        )


class PairsShown(BaseModel):
    """All parents and children that the asker sees, missing letters first, and how many of each state."""

    counts: dict[LetterState, int]
    letters: list[PairShown]


class LetterGiven(BaseModel):
    """A letter that was signed, to be recorded."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    lower: Uid
    signed_on: Day
    valid_to: Day | None = None
    number: Line | None = None
    upper_signatory: Line | None = None
    lower_signatory: Line | None = None
    tasks: Words | None = None
    file: Line | None = None


@router.get("")
def list_letters(plan: VisiblePlan, reader: PlanReader, session: BearerSession) -> PairsShown:
    """Every parent and child of the plan that the asker oversees, with their letters."""
    told = letters_of(session, plan)
    return PairsShown(counts=count_letters(told), letters=[PairShown.of(each) for each in told])


@router.post("", status_code=201)
def record_letter(
    body: LetterGiven, plan: VisiblePlan, planner: Planner, session: BearerSession
) -> PairShown:
    """Record a letter that was signed."""
    return PairShown.of(letters.record_letter(session, plan, NewLetter(**body.model_dump())))


@router.delete("/{letter_id}")
def remove_letter(
    letter_id: Annotated[int, Path(ge=1, le=2**62)],
    plan: VisiblePlan,
    planner: Planner,
    session: BearerSession,
) -> PairShown:
    """Take away a letter that was recorded by mistake."""
    return PairShown.of(letters.remove_letter(session, plan, letter_id))
