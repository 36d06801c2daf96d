"""How often one may try to log in.

Failed attempts are counted, in this process's memory, over moving windows:

- 10 in 15 minutes for one account from one address,
- 100 in an hour for one account from anywhere, so that many addresses together
  cannot guess on, and one alone cannot lock its owner out,
- 30 in 15 minutes for one address.

An address is that of the connection; of what a proxy says only if it is a
`GISGRID_TRUSTED_PROXY`. An IPv6 network of 64 bits counts as one address.
"""

from __future__ import annotations

import ipaddress
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.errors import TooManyRequests
from gisgrid.text import Text

ACCOUNT_AND_ADDRESS = RateLimitItemPerMinute(10, 15)
ACCOUNT = RateLimitItemPerHour(100)
ADDRESS = RateLimitItemPerMinute(30, 15)


class LoginThrottle:
    """The failed attempts of late."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, login: str, address: str) -> None:
        """Refuse who has failed too often.

        Raises
        ------
        TooManyRequests
        """
        spent = [
            self._limiter.get_window_stats(limit, *keys).reset_time
            for limit, keys in _keys(login, address)
            if not self._limiter.test(limit, *keys)
        ]
        if spent:
            raise TooManyRequests(
                Text(zh="登录失败次数过多。", en="Too many failed attempts to log in."),
                todo=Text(zh="请稍后再试。", en="Try again later."),
                retry_after_s=max(1, round(max(spent) - time.time())),
            )

    def failed(self, login: str, address: str) -> None:
        """Note a failure."""
        for limit, keys in _keys(login, address):
            self._limiter.hit(limit, *keys)

    def succeeded(self, login: str, address: str) -> None:
        """Forgive the account's failures from this address."""
        limit, keys = _keys(login, address)[0]
        self._limiter.clear(limit, *keys)


def _keys(login: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    network = _network(address)
    account = login.casefold()
    return [
        (ACCOUNT_AND_ADDRESS, ("both", account, network)),
        (ACCOUNT, ("account", account)),
        (ADDRESS, ("address", network)),
    ]


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
