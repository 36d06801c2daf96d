"""Commands whose database fails in their middle: one clear error, and nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gisgrid.store.server import Role
from tests.city import point
from tests.own_site import OwnSite, own_site

FULL = "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'"
GONE = "PERFORM pg_terminate_backend(pg_backend_pid())"


@pytest.fixture(scope="module")
def site() -> Iterator[OwnSite]:
    with own_site() as site:
        yield site


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Three sources that the city does not know."""
    places = (point(x, 5) for x in (1, 6, 12))
    rows = [f"X{number},新厂{number},{place.x},{place.y}" for number, place in enumerate(places)]
    file = tmp_path / "register.csv"
    file.write_text("\n".join(["编号,名称,经度,纬度", *rows]), "utf-8")
    return file


@pytest.mark.parametrize(
    ("failure", "said"),
    [(FULL, "The database's disk is full"), (GONE, "The database went away meanwhile")],
)
def test_an_import_whose_database_fails_says_so_and_changes_nothing(
    site: OwnSite, register: Path, failure: str, said: str
) -> None:
    command = ("import", "sources", register, "--source-crs", "EPSG:4490", "--lang", "en")
    before = _sources(site)
    with site.server.connect(Role.SUPERUSER) as connection:
        connection.execute(
            "CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"AS $$ BEGIN {failure}; RETURN NEW; END $$"
        )
        connection.execute(  # once the sources are in, and before they are committed
            "CREATE TRIGGER fail AFTER INSERT ON gisgrid.assignment EXECUTE FUNCTION public.fail()"
        )
    try:
        code, told = site.gisgrid(*command)
    finally:
        with site.server.connect(Role.SUPERUSER) as connection:
            connection.execute("DROP FUNCTION public.fail CASCADE")
    assert (code, said in told) == (2, True), told
    assert "Traceback" not in told
    assert _sources(site) == before
    code, told = site.gisgrid(*command, "--dry-run")
    assert code == 0, told
    assert _sources(site) == before


def _sources(site: OwnSite) -> list[tuple[object, ...]]:
    with site.server.connect(Role.SUPERUSER) as connection:
        return connection.execute("SELECT id, uid FROM gisgrid.source ORDER BY id").fetchall()
