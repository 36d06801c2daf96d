"""One site over Panjin for all browser tests, and visits to it that must go without a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from sqlalchemy import select

from gisgrid.accounts.demo import demo_accounts
from gisgrid.model import Plan, PlanState
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from gisgrid.store.server import Server
from gisgrid.text import Text
from tests.browser.chromium import DESKTOP, PHONE, launch
from tests.browser.mercator import View
from tests.browser.served import served
from tests.conftest import panjin_database

Size = dict[str, int]

expect.set_options(timeout=15_000)

four = pytest.mark.parametrize(
    ("size", "lang"),
    [(DESKTOP, "zh"), (DESKTOP, "en"), (PHONE, "zh"), (PHONE, "en")],
    ids=["desktop-zh", "desktop-en", "phone-zh", "phone-en"],
)

two = pytest.mark.parametrize(
    ("size", "lang"), [(DESKTOP, "zh"), (PHONE, "en")], ids=["desktop-zh", "phone-en"]
)
"""For long courses: both sizes and both languages, without each with each."""


@dataclass(frozen=True)
class Panjin:
    """The site, and the passwords of its demo accounts."""

    base: str
    passwords: dict[str, str]
    bounds: tuple[float, float, float, float]
    database: Database


@contextmanager
def panjin_site(server: Server, name: str, folder: Path) -> Iterator[Panjin]:
    """The demo region in a database of its own, served by a process of its own."""
    with panjin_database(server, name) as database:
        passwords = {each.login: each.password for each in demo_accounts(database, folder / "accounts.json")}
        with served(server, name, folder) as base:
            yield Panjin(base, passwords, tuple(httpx.get(f"{base}/api/site").json()["bounds"]), database)


@pytest.fixture(scope="session")
def panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """The site that all tests share; none of them changes what others see."""
    with panjin_site(server, "gg_browser", tmp_path_factory.mktemp("browser")) as site:
        yield site


@pytest.fixture(scope="session")
def sessions(panjin: Panjin) -> Callable[[str], list[dict[str, Any]]]:
    """The session cookie of a demo account; each logs in once, as the site throttles logins."""
    return logging_in(panjin)


def logging_in(panjin: Panjin) -> Callable[[str], list[dict[str, Any]]]:
    """Session cookies by login."""
    known: dict[str, list[dict[str, Any]]] = {}

    def of(login: str) -> list[dict[str, Any]]:
        if login not in known:
            body = {"login": login, "password": panjin.passwords[login]}
            answer = httpx.post(f"{panjin.base}/api/session", json=body).raise_for_status()
            known[login] = [
                {"name": key, "value": value, "url": panjin.base} for key, value in answer.cookies.items()
            ]
        return known[login]

    return of


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright's loop would be in the way of other modules' tests, so it ends with the module."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def draft(panjin: Panjin) -> Iterator[int]:
    """A draft of the test's own; others count those that there are."""
    with panjin.database.operating() as session:
        base = session.scalars(select(Plan).where(Plan.state == PlanState.PUBLISHED)).one()
        draft = begin_revision(session, base, Text(zh="试画", en="Trial")).id
        recompute_plan(session, draft)
    yield draft
    with panjin.database.operating() as session:
        session.delete(session.get(Plan, draft))


@dataclass
class Visit:
    """Somebody at the site; what the page asked of others and complained of is kept."""

    page: Page
    panjin: Panjin
    size: Size
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Patterns of complaints that the test provokes."""

    @property
    def panel(self) -> Locator:
        """What stands beside the map, or on a phone over it."""
        return self.page.locator("#panel")

    def go(self, route: str) -> None:
        """Open an address of the page, and wait until it shows what it was opened for."""
        self.page.goto(f"{self.panjin.base}/#{route}")
        expect(self.page.locator("#panel")).to_be_visible()

    def see_map(self) -> None:
        """Wait until the map has come to rest: then its legend is there."""
        self.page.locator(".legend").wait_for(timeout=30_000)

    def click_map(self, lon: float, lat: float) -> None:
        """Click on a place of the map as it is first shown."""
        box = self.page.locator(".map-canvas").bounding_box()
        assert box is not None
        x, y = View(self.panjin.bounds, box["width"], box["height"]).pixel(lon, lat)
        self.page.locator(".map-canvas canvas").click(position={"x": x, "y": y})

    def check(self) -> None:
        """Nothing left the origin, and nothing was complained of but what was provoked."""
        assert self.foreign == []
        left = [each for each in self.complaints if not any(re.search(one, each) for one in self.expected)]
        assert left == []


Visiting = Callable[..., Visit]


@pytest.fixture
def visiting(
    browser: Browser, panjin: Panjin, sessions: Callable[[str], list[dict[str, Any]]]
) -> Iterator[Visiting]:
    """`visiting("lang=zh", size, login)` opens the page; every visit is checked at the end."""
    yield from visits(browser, panjin, sessions)


def visits(
    browser: Browser, panjin: Panjin, sessions: Callable[[str], list[dict[str, Any]]]
) -> Iterator[Visiting]:
    """Visits to one site, each checked at the end."""
    made: list[Visit] = []

    def visit(route: str, size: Size = DESKTOP, login: str | None = None, **options: Any) -> Visit:
        opener = options.pop("browser", browser)
        context = opener.new_context(
            viewport=size, has_touch=size == PHONE, reduced_motion="reduce", **options
        )
        if login is not None:
            context.add_cookies(sessions(login))
        opened = Visit(context.new_page(), panjin, size)
        listen(opened)
        made.append(opened)
        opened.go(route)
        return opened

    yield visit
    for each in made:
        each.page.context.close()
    for each in made:
        each.check()


def listen(visit: Visit) -> None:
    """Keep what the page asks of other hosts, and its errors."""
    inside = (visit.panjin.base, "blob:", "data:")
    page = visit.page
    page.on("request", lambda asked: asked.url.startswith(inside) or visit.foreign.append(asked.url))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: visit.complaints.append(said.text) if said.type == "error" else None,
    )


@pytest.fixture
def own_panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """A site of the test's own: what it publishes, others must not see."""
    with panjin_site(server, "gg_own", tmp_path_factory.mktemp("own")) as site:
        yield site


@pytest.fixture
def visiting_own(browser: Browser, own_panjin: Panjin) -> Iterator[Visiting]:
    """Visits to that site."""
    yield from visits(browser, own_panjin, logging_in(own_panjin))
