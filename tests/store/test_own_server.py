"""A server of one's own: what its owner may not do is asked for, statement by statement."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from pydantic import SecretStr

from gisgrid.errors import InputError, NotPrepared, StoreError, WrongDatabaseVersion
from gisgrid.settings import Settings
from gisgrid.store import cluster, own_server
from gisgrid.store.cluster import ClusterState, Role, Server
from gisgrid.store.preparation import prepare


@pytest.fixture
def city(server: Server) -> Iterator[Settings]:
    """An empty database on a server, owned by an ordinary user."""
    name = f"city_{uuid.uuid4().hex[:8]}"
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'it''s:@/ 秘'")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    yield Settings(
        database_url=f"postgresql://{name}:it%27s%3A%40%2F%20%E7%A7%98@/{name}?{socket_of(server)}",
        app_password=server.passwords[Role.APP],
        login_password=server.passwords[Role.LOGIN],
    )
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {name}")


def socket_of(server: Server) -> str:
    return server.libpq_url(Role.OWNER).partition("?")[2] + "&port=5432"


def admin_url(server: Server, city: Settings) -> str:
    return server.libpq_url(Role.SUPERUSER, own_server.named(city).database)


def test_an_owner_who_may_not_is_told_the_statements(city: Settings) -> None:
    with pytest.raises(NotPrepared, match="CREATE EXTENSION postgis;") as caught:
        cluster.server(city)
    assert "CREATE ROLE" not in str(caught.value)  # the roles exist on this server


def test_an_administrators_address_prepares_it_once_and_for_all(server: Server, city: Settings) -> None:
    cluster.server(city.model_copy(update={"admin_url": admin_url(server, city)}))
    reached = cluster.server(city)
    assert not reached.private
    for role in (Role.OWNER, Role.APP, Role.LOGIN):
        with reached.connect(role) as connection:
            assert connection.execute("SELECT postgis_version() IS NOT NULL").fetchone() == (True,)
    status = cluster.server_status(city)
    assert (status.state, status.private, status.warnings) == (ClusterState.RUNNING, False, ())


def test_outlines_are_packed_the_quick_way(server: Server, city: Settings) -> None:
    reached = cluster.server(city.model_copy(update={"admin_url": admin_url(server, city)}))
    with reached.connect(Role.APP) as connection:
        connection.execute("CREATE TEMP TABLE outline AS SELECT repeat('122.07, 41.12; ', 1000) AS text")
        packed = connection.execute("SELECT pg_column_compression(text) FROM outline").fetchone()
    assert packed == ("lz4",)


def test_slow_boxes_are_a_warning(server: Server, city: Settings) -> None:
    with server.connect(Role.SUPERUSER, own_server.named(city).database) as connection:
        connection.execute("CREATE EXTENSION postgis")
    cluster.server(city)
    assert "LEAKPROOF" in cluster.server_status(city).warnings[0].en


def test_roles_that_are_missing_are_asked_for_without_a_password(server: Server, city: Settings) -> None:
    missing = {Role.APP: "app_of_another", Role.LOGIN: "login_of_another"}
    named = own_server.named(city)
    another = Server(
        named.address, {**named.users, **missing}, named.passwords, named.database, private=False
    )
    with another.connect(Role.OWNER) as connection, pytest.raises(NotPrepared) as caught:
        prepare(connection, another)
    said = str(caught.value)
    assert 'CREATE ROLE "app_of_another" LOGIN NOSUPERUSER' in said
    assert 'ALTER ROLE "login_of_another" PASSWORD ' in said
    assert "SCRAM" not in said
    assert server.passwords[Role.APP].get_secret_value() not in said


def test_a_wrong_password_is_asked_to_be_set(server: Server, city: Settings) -> None:
    cluster.server(city.model_copy(update={"admin_url": admin_url(server, city)}))
    with pytest.raises(NotPrepared, match='ALTER ROLE "gisgrid_app" PASSWORD'):
        cluster.server(city.model_copy(update={"app_password": SecretStr("another")}))


def test_a_superusers_step_needs_the_administrators_address(city: Settings) -> None:
    with pytest.raises(StoreError, match="GISGRID_ADMIN_URL"):
        own_server.named(city).url(Role.SUPERUSER)


def test_an_old_server_is_refused(server: Server, city: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140011)
    with pytest.raises(WrongDatabaseVersion, match="15 or newer"):
        cluster.server(city)


def test_a_server_that_does_not_answer_is_said_without_its_password() -> None:
    away = Settings(
        database_url="postgresql://city:hidden@127.0.0.1:1/city",
        app_password=SecretStr("a"),
        login_password=SecretStr("b"),
    )
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        cluster.server(away)
    assert "hidden" not in str(caught.value) + repr(away)
    assert cluster.server_status(away).state is ClusterState.STOPPED


@pytest.mark.parametrize(
    "address", ["city", "mysql://a:b@c/d", "postgresql://host/db", "postgresql://u@host"]
)
def test_an_address_that_cannot_be_understood_is_explained(address: str) -> None:
    with pytest.raises(InputError, match="postgresql://user:password@host"):
        cluster.server(Settings(database_url=address))


def test_a_missing_password_names_its_variable() -> None:
    with pytest.raises(InputError, match="GISGRID_APP_PASSWORD"):
        cluster.server(Settings(database_url="postgresql://u:p@host/db"))
