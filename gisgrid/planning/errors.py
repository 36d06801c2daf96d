"""What can be wrong with an edit, beside its geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gisgrid.errors import GisgridError
from gisgrid.spatial.editing import CannotEdit
from gisgrid.text import Text


class UnknownGrid(GisgridError):
    """The draft has no such grid, or it may not be seen by who is asking."""


class NotYours(GisgridError):
    """The grid may be seen and not be changed by who is asking."""


class CannotSuggest(GisgridError):
    """Nothing can be suggested for a grid like this."""


class ChangesNothing(CannotEdit):
    """All grids would stay as they are."""


class NotADraft(GisgridError):
    """The plan is in review, was published or discarded; only drafts change."""


class VersionNeeded(GisgridError):
    """An edit must say which version of the grids it was drawn on."""


@dataclass(frozen=True)
class EditSince:
    """An edit that came between."""

    number: int
    by: str
    at: datetime
    summary: Text


class StaleVersion(GisgridError):
    """Somebody changed these grids since; `changed` says what."""

    def __init__(self, what: Text, *, where: str, todo: Text, changed: Sequence[EditSince]) -> None:
        super().__init__(what, where=where, todo=todo)
        self.changed = tuple(changed)


class NothingToUndo(GisgridError):
    """There is no edit of one's own to take back, or to make again."""


class ChangedSince(GisgridError):
    """A later edit stands on the one that was to be taken back."""


class NothingToMend(GisgridError):
    """No finding that was named can be mended by itself."""


class WrongStep(GisgridError):
    """The plan does not stand where this step begins."""


class AlreadyRecorded(GisgridError):
    """These two grids have a letter of that day already."""


class UnknownLetter(GisgridError):
    """The plan's grids have no such letter, or it may not be seen by who is asking."""


class TooManyLetters(GisgridError):
    """More letters than are made at once."""


class StandsAgainst(GisgridError):
    """Checks block the plan, and no reason was given; `keys` are theirs."""

    def __init__(self, what: Text, *, where: str, todo: Text, keys: Sequence[str]) -> None:
        super().__init__(what, where=where, todo=todo)
        self.keys = tuple(keys)
