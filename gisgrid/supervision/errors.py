"""What can be wrong with a question about a place, a day or a topic."""

from __future__ import annotations

from gisgrid.errors import GisgridError, InputError


class NotOnEarth(InputError):
    """A longitude or latitude beyond its range."""


class SwappedPlace(InputError):
    """Longitude and latitude have probably changed places."""


class UnusableDate(InputError):
    """A day before the first plan, in none, or too far ahead."""


class UnknownTopic(InputError):
    """No topic has this code."""


class UnusableRadius(InputError):
    """A circle that is too small or too large, or has no centre."""


class NothingPublished(GisgridError):
    """No plan has been published yet, so that nobody is responsible by any."""


class UnknownSource(GisgridError):
    """There is no such source, or it may not be seen by who is asking."""
