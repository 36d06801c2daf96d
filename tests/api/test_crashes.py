"""kill -9 of the site or of its database, again and again while a planner edits: what was acknowledged stays.

Every edit is half of a pair: T3 is cut in two, then the two are merged. So the
number of edits in the history says what the draft must look like, whole.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from api.credentials import COOKIE, csrf_token
from gisgrid.planning.recompute import recompute_plan
from tests.api.test_edits import SPLIT
from tests.city import TOKENS
from tests.own_site import OwnSite, own_site
from tests.planning.test_editing import state

ROUNDS = 50
SITE_EVERY = 5
LONGEST_S = 0.15
"""Rather more than an edit takes: the plug is pulled at any moment of one."""
PLANNER = {
    "Cookie": f"{COOKIE}={TOKENS['planner']}",
    "X-CSRF-Token": csrf_token(TOKENS["planner"]),
}


@pytest.fixture(scope="module")
def site() -> Iterator[OwnSite]:
    """A site of one's own, its draft audited."""
    with own_site() as site:
        with site.database.operating() as session:
            recompute_plan(session, site.city.draft)
        site.serve()
        yield site


class _Planner(threading.Thread):
    """Edits until somebody pulls the plug; `acknowledged` is the number of the last edit answered."""

    def __init__(self, site: OwnSite, done: int) -> None:
        super().__init__()
        self.site, self.acknowledged = site, done
        self.has_begun = threading.Event()

    def run(self) -> None:
        draft = f"/api/plans/{self.site.city.draft}"
        while True:
            body: Any = SPLIT
            if self.acknowledged % 2:
                body = {"operation": "merge", "grids": ["T3", _piece(self.site, draft)]}
            headers = {**PLANNER, "If-Match": f'"EAST:{self.acknowledged + 1}"'}
            try:
                answer = self.site.post(f"{draft}/edits", body, headers)
            except (OSError, HTTPException):
                return
            if answer.status != 201:
                return
            self.acknowledged = answer.json()["number"]
            self.has_begun.set()


def _piece(site: OwnSite, draft: str) -> str:
    """The other half of T3; empty where nobody answers any more."""
    try:
        answer = site.get(f"{draft}/grids?holder=EAST", PLANNER)
    except (OSError, HTTPException):
        return ""
    if answer.status != 200:
        return ""
    (piece,) = (each["id"] for each in answer.json()["features"] if each["id"] != "T3")
    return str(piece)


@pytest.mark.timeout(600)
def test_fifty_kills_lose_no_acknowledged_edit_and_leave_no_half_of_one(site: OwnSite) -> None:
    random = np.random.default_rng(1)
    done = 0
    for number in range(ROUNDS):
        planner = _Planner(site, done)
        planner.start()
        assert planner.has_begun.wait(20)
        planner.join(random.uniform(0, LONGEST_S))
        if number % SITE_EVERY == 0:
            assert site.process is not None
            site.process.kill()
            site.process.wait()
        else:
            os.kill(site.postmaster(), signal.SIGKILL)
        planner.join(30)
        assert not planner.is_alive()
        site.database.close()
        site.cluster.start()
        if number % SITE_EVERY == 0:
            site.serve()
        _wait_until_ready(site)
        before, done = planner.acknowledged, _edits(site)
        assert before <= done <= before + 1
    with site.database.operating() as session:
        edited = state(session, site.city.draft)
        recompute_plan(session, site.city.draft)
        assert state(session, site.city.draft) == edited


def _wait_until_ready(site: OwnSite) -> None:
    deadline = time.monotonic() + 10
    while site.status("/readyz") != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _edits(site: OwnSite) -> int:
    """How many edits the history has, which the draft must agree with to the last table."""
    with site.database.operating() as session:
        plan = {"plan": site.city.draft}
        numbers = session.scalars(
            text("SELECT number FROM gisgrid.edit WHERE plan_id = :plan ORDER BY number"), plan
        ).all()
        assert list(numbers) == list(range(1, len(numbers) + 1))
        grids = session.scalar(
            text(
                "SELECT count(*) FROM gisgrid.grid WHERE plan_id = :plan AND parent_id = "
                "(SELECT id FROM gisgrid.grid WHERE plan_id = :plan AND uid = 'EAST')"
            ),
            plan,
        )
        version = session.scalar(
            text("SELECT version FROM gisgrid.grid WHERE plan_id = :plan AND uid = 'EAST'"), plan
        )
        changed = session.scalar(
            text(
                "SELECT count(DISTINCT edit_id) FROM gisgrid.edit_change JOIN gisgrid.edit e "
                "ON e.id = edit_id WHERE e.plan_id = :plan"
            ),
            plan,
        )
    assert grids == 1 + len(numbers) % 2
    assert version == 1 + len(numbers)
    assert changed == len(numbers)
    return len(numbers)
