"""A city in a database, and questions about its places in kilometres from the south-west corner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from gisgrid.store.database import Database
from gisgrid.supervision.responsibility import WhoIsResponsible, who_is_responsible
from tests.city import TOKENS, City, build_city, point

Ask = Callable[..., WhoIsResponsible]


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`."""
    return build_city(database)


@pytest.fixture
def ask(database: Database, city: City) -> Ask:
    """`ask(2, 5)`: who is responsible 2 km east and 5 km north of the corner; `login` for an account."""

    def asking(
        x_km: float,
        y_km: float,
        *,
        topic: str | None = None,
        on: date | None = None,
        login: str | None = None,
    ) -> WhoIsResponsible:
        place = point(x_km, y_km)
        with database.anonymous() if login is None else database.bearer(TOKENS[login]) as session:
            return who_is_responsible(session, place.x, place.y, topic=topic, on=on)

    return asking
