"""The database goes away under the site, and comes back."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from gisgrid.settings import Settings
from gisgrid.store.cluster import Cluster
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from tests.api.accounts import ENGLISH, log_in


def test_without_the_database_the_site_says_so_and_recovers_by_itself(settings: Settings) -> None:
    with tempfile.TemporaryDirectory(prefix="gg") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "data")
        server = cluster.start()
        try:
            upgrade(server)
            with TestClient(create_app(settings, Database(server))) as client:
                assert client.get("/readyz").status_code == 200
                cluster.stop()
                for answer in (client.get("/readyz", headers=ENGLISH), log_in(client)):
                    assert answer.status_code == 503
                    assert answer.headers["retry-after"] == "5"
                    assert folder not in answer.text
                assert client.get("/healthz").status_code == 200
                cluster.start()
                began = time.monotonic()
                while client.get("/readyz").status_code != 200:
                    assert time.monotonic() - began < 10
                    time.sleep(0.1)
                assert log_in(client).status_code == 401
        finally:
            cluster.stop()
