"""The log: one JSON object a line on standard error, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_SECRET_NAMES = re.compile(r"password|passwd|token|secret|authorization|cookie|csrf", re.IGNORECASE)
_SECRETS = re.compile(
    r"\b(?:gg|s)_[A-Za-z0-9_-]{16,}"  # access tokens and session tokens
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password in an address
    r"|\$argon2[^\s'\"]+"
    r"|(?<=password=)[^\s'\"]+"
)
_MASK = "***"


def mask_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take out what looks like a token, a password or its hash, wherever it came from."""
    return {name: _MASK if _SECRET_NAMES.search(name) else _masked(value) for name, value in event.items()}


def _masked(value: object) -> object:
    return _SECRETS.sub(_MASK, value) if isinstance(value, str) else value


def configure_logs(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's messages through the same sieve."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
