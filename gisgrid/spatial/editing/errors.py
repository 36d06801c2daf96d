"""Why something that was drawn is refused: what is wrong with it, where, and what to do."""

from __future__ import annotations

from gisgrid.errors import GisgridError, InputError


class CannotEdit(InputError):
    """What is asked would break a rule of the coverage; nothing was changed."""


class LineDoesNotCut(CannotEdit):
    """A line that goes through no grid from border to border."""


class OutsideHolder(CannotEdit):
    """Land beyond the grid that holds it."""


class TakenLand(CannotEdit):
    """Land that siblings have, and that was not to be taken from them."""


class LeavesGap(CannotEdit):
    """Grids drawn together that leave land which one of them had."""


class Overlaps(CannotEdit):
    """Grids drawn together that claim the same land, or a neighbour's."""


class NotSiblings(CannotEdit):
    """Grids of different holders or kinds."""


class NotNeighbours(CannotEdit):
    """Grids without a common border."""


class WouldVanish(CannotEdit):
    """A grid would have no land left."""


class CrossesChildren(CannotEdit):
    """The cut goes through grids of a finer level."""


class TooNarrow(CannotEdit):
    """A piece narrower than noise."""


class SelfCrossing(CannotEdit):
    """An outline that crosses itself."""


class SwappedCoordinates(CannotEdit):
    """Longitude and latitude have probably changed places."""


class OnOutline(CannotEdit):
    """A boundary of the level above, which is changed there."""


class NotFound(CannotEdit):
    """No vertex or boundary there."""


class LastGrid(CannotEdit):
    """The only grid of its holder."""


class EditFailed(GisgridError):
    """The result would not keep what an edit must keep: a mistake of gisgrid's own."""
