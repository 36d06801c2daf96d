"""Figures for Prometheus: how many requests, how long, how many connections; no names, no addresses."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from gisgrid.store.database import Database

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one application.

    Labels are the templates of routes, the methods of HTTP and classes of
    statuses, so that no client can make new ones.
    """

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "gisgrid_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "gisgrid_request_seconds",
            "Time to the end of an answer.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.in_progress = Gauge(
            "gisgrid_requests_in_progress", "Requests being answered.", registry=self._registry
        )
        self.logins = Counter("gisgrid_logins", "Attempts to log in.", ("outcome",), registry=self._registry)
        busy = Gauge("gisgrid_connections_in_use", "Database connections in use.", registry=self._registry)
        busy.set_function(lambda: float(database.connections_in_use()))

    def note(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one request."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(took_s)

    def text(self) -> bytes:
        """All figures, in Prometheus's format."""
        return generate_latest(self._registry)
