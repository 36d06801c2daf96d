"""The small city, whose posts were verified this month whenever the tests run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from gisgrid.model import Responsibility
from gisgrid.store.database import Database
from tests.city import City, build_city


@pytest.fixture
def city(database: Database) -> City:
    """`tests.city`, in the test's database."""
    built = build_city(database)
    with database.operating() as session:
        session.execute(update(Responsibility).values(verified_on=datetime.now(UTC).date()))
    return built
