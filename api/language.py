"""The language of an answer, from Accept-Language; Chinese unless English is preferred."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from gisgrid.text import Lang


def asked_language(request: HTTPConnection) -> Lang:
    """Chinese, or English where the request prefers it."""
    weights = {Lang.ZH: 0.0, Lang.EN: 0.0}
    for part in request.headers.get("accept-language", "")[:200].split(","):
        tag, _, options = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(options)
        for lang in Lang:
            if primary == lang.value:
                weights[lang] = max(weights[lang], weight)
    return Lang.EN if weights[Lang.EN] > weights[Lang.ZH] else Lang.ZH


def _weight(options: str) -> float:
    name, _, value = options.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
