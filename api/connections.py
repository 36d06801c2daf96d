"""Connections on which no request comes: uvicorn by itself would keep them for ever."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 20.0
"""For the head of a request to arrive, from its first byte; of the first one, from the connection."""

MAX_HEAD_BYTES = 2**21
"""Of a head; a longer one is cut off. Filters of a megabyte in an address still get an answer in words."""


class PunctualProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with limits on how long the head of a request may take, and be.

    Otherwise a thousand connections that say nothing, or a byte a minute, leave
    the process without a file descriptor for everybody else.
    """

    _lateness: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._lateness = self.loop.call_later(HEAD_S, self._end)

    def data_received(self, data: bytes) -> None:
        """Take what came; wait for the rest of a head if that is not all of it."""
        if self._waits_for_request():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.abort()
                return
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:  # a head was whole
            self._head_bytes = 0
        if not self._waits_for_request():
            self._forgive()
        elif self._lateness is None and not self.transport.is_closing():
            self._lateness = self.loop.call_later(HEAD_S, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forgive()
        super().connection_lost(exc)

    def _waits_for_request(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _forgive(self) -> None:
        if self._lateness is not None:
            self._lateness.cancel()
            self._lateness = None

    def _end(self) -> None:
        self._lateness = None
        if self._waits_for_request():
            self.transport.close()
