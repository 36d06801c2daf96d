"""What is wrong with a request's parameters or body, in words."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError

from gisgrid.errors import InputError
from gisgrid.text import Text

_STATUS: Mapping[str, HTTPStatus] = {
    "path": HTTPStatus.NOT_FOUND,
    "query": HTTPStatus.BAD_REQUEST,
    "header": HTTPStatus.BAD_REQUEST,
    "cookie": HTTPStatus.BAD_REQUEST,
    "body": HTTPStatus.UNPROCESSABLE_ENTITY,
}

_SAID: Mapping[str, Text] = {
    "missing": Text(zh="缺少这个参数。", en="It is missing."),
    "extra_forbidden": Text(zh="没有这个参数。", en="There is no such parameter."),
    "json_invalid": Text(zh="内容不是有效的 JSON。", en="The body is not valid JSON."),
    "float_parsing": Text(zh="应为数字。", en="It must be a number."),
    "float_type": Text(zh="应为数字。", en="It must be a number."),
    "finite_number": Text(zh="应为有限的数字。", en="It must be a finite number."),
    "int_parsing": Text(zh="应为整数。", en="It must be a whole number."),
    "int_type": Text(zh="应为整数。", en="It must be a whole number."),
    "int_from_float": Text(zh="应为整数。", en="It must be a whole number."),
    "int_parsing_size": Text(zh="数字过大。", en="The number is too large."),
    "bool_parsing": Text(zh="应为 true 或 false。", en="It must be true or false."),
    "string_type": Text(zh="应为文本。", en="It must be text."),
    "date_from_datetime_parsing": Text(
        zh="应为日期，如 2026-01-31。", en="It must be a date, such as 2026-01-31."
    ),
    "date_parsing": Text(zh="应为日期，如 2026-01-31。", en="It must be a date, such as 2026-01-31."),
}

_LIMITS: Mapping[str, tuple[Text, str]] = {
    "greater_than_equal": (Text(zh="不能小于 {}。", en="It must be at least {}."), "ge"),
    "greater_than": (Text(zh="必须大于 {}。", en="It must be greater than {}."), "gt"),
    "less_than_equal": (Text(zh="不能大于 {}。", en="It must be at most {}."), "le"),
    "less_than": (Text(zh="必须小于 {}。", en="It must be less than {}."), "lt"),
    "string_too_short": (
        Text(zh="至少 {} 个字符。", en="It must have {} characters at least."),
        "min_length",
    ),
    "string_too_long": (Text(zh="最多 {} 个字符。", en="It must have {} characters at most."), "max_length"),
    "too_long": (Text(zh="最多 {} 项。", en="It must have {} items at most."), "max_length"),
    "too_short": (Text(zh="至少 {} 项。", en="It must have {} items at least."), "min_length"),
    "enum": (Text(zh="只能是 {}。", en="It must be {}."), "expected"),
    "literal_error": (Text(zh="只能是 {}。", en="It must be {}."), "expected"),
}
_OTHERWISE = Text(zh="这个值不可用。", en="The value cannot be used.")
_CORRECT = Text(zh="请改正后重试。", en="Correct it, and try again.")


def explain(error: RequestValidationError) -> tuple[HTTPStatus, InputError]:
    """The status, and what is wrong with the first part that is; its value is not repeated."""
    first: dict[str, Any] = dict(error.errors()[0])
    part, *names = (str(each) for each in first["loc"])
    where = ".".join([part, *names])
    status = _STATUS.get(part, HTTPStatus.BAD_REQUEST)
    if first["type"] == "json_invalid":
        status, where = HTTPStatus.BAD_REQUEST, "body"
    return status, InputError(_said(first), where=where, todo=_CORRECT)


def _said(first: dict[str, Any]) -> Text:
    kind = first["type"]
    if kind in _LIMITS:
        said, limit = _LIMITS[kind]
        value = first.get("ctx", {}).get(limit, "")
        return Text(zh=said.zh.format(value), en=said.en.format(value))
    return _SAID.get(kind, _OTHERWISE)
