"""What can be wrong with an account, a password or a token."""

from __future__ import annotations

from gisgrid.errors import GisgridError, InputError
from gisgrid.text import Text


class LoginRefused(GisgridError):
    """Unknown account, disabled account or wrong password: one answer for all."""

    def __init__(self) -> None:
        super().__init__(
            Text(zh="用户名或密码不对。", en="The login or the password is wrong."),
            todo=Text(
                zh="请检查后重试；忘记密码请联系管理员。",
                en="Check both; an administrator can set a new password.",
            ),
        )


class WrongPassword(GisgridError):
    """The old password, asked for once more, is not it."""

    def __init__(self) -> None:
        super().__init__(
            Text(zh="原密码不对。", en="The old password is wrong."),
            todo=Text(zh="请重新输入原密码。", en="Enter the old password again."),
        )


class WeakPassword(InputError):
    """Too short, or among the first that anybody would guess."""


class UnusableAccount(InputError):
    """An account cannot be as it is described."""


class LoginTaken(GisgridError):
    """Another account has this login."""


class UnknownAccount(GisgridError):
    """No account has this login, or none that one may see."""


class UnknownToken(GisgridError):
    """No access token has this number, or it is somebody else's."""


class OwnAccount(GisgridError):
    """One's own account is not disabled, nor its password set, without the password."""


class TooManyTokens(GisgridError):
    """The account has as many access tokens as it may have."""
