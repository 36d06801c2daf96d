"""The application: routes, errors, and what surrounds every request."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import gisgrid
from api import errors, static
from api.envelope import Envelope
from api.logs import configure_logs
from api.metrics import Metrics
from api.routes import all_routers
from api.security import ForgeryGuard
from api.throttle import LoginThrottle
from gisgrid.settings import Settings
from gisgrid.settings import settings as settings_of_process
from gisgrid.store.cluster import server
from gisgrid.store.database import Database

MAX_BODY_BYTES = 2**20
"""Of a request; a route that takes files says more itself."""


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The site over one database.

    Parameters
    ----------
    settings : Settings
    database : Database
        Closed when the application ends.
    """
    app = FastAPI(
        title="gisgrid",
        version=gisgrid.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        exception_handlers=dict(errors.HANDLERS),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.throttle = LoginThrottle()
    app.state.metrics = Metrics(database)
    app.state.turns = asyncio.Semaphore(_at_once(database))
    for router in all_routers():
        app.include_router(router)
    static.serve(app)
    # The last added is the outermost.
    app.add_middleware(ForgeryGuard)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES)
    app.add_middleware(Envelope)
    if settings.trusted_proxy:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxy)
    return app


def _at_once(database: Database) -> int:
    """How many requests may be at work: half as many as connections, so that none waits for another.

    Each holds two at most: the public's transaction and that of who is asking.
    """
    return database.pool_size // 2


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    anyio.to_thread.current_default_thread_limiter().total_tokens = _at_once(database)
    # What is loaded by now stays; to look at all of it for garbage held every request up for 60 to 200 ms.
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    database.close()


def site() -> FastAPI:
    """The application of this process's settings, for `uvicorn --factory api.app:site`."""
    configure_logs()
    settings = settings_of_process()
    return create_app(settings, Database(server(settings)))
