"""The accounts, for administrators: of the whole platform, or of their jurisdiction."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.dependencies import Admin, BearerSession, not_allowed
from api.routes.session import DepartmentName, Jurisdiction, Word
from api.words import Bilingual
from gisgrid.accounts.directory import (
    AccountEntry,
    NewAccount,
    account_id,
    add_account,
    disable,
    enable,
    list_accounts,
    set_password,
)
from gisgrid.accounts.errors import OwnAccount
from gisgrid.model import AccountRole
from gisgrid.text import Text

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

Login = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{1,31}$")]
Uid = Annotated[str, Field(min_length=1, max_length=64)]


class AccountShown(BaseModel):
    """An account; `password` is there only if it was generated, this once."""

    login: str
    name: str
    role: AccountRole
    jurisdiction: Jurisdiction | None
    department: DepartmentName | None
    disabled: bool
    password: str | None = None

    @classmethod
    def of(cls, entry: AccountEntry, password: str | None = None) -> AccountShown:
        """The same, for an answer."""
        return cls(
            login=entry.login,
            name=entry.name,
            role=entry.role,
            jurisdiction=Jurisdiction(uid=entry.jurisdiction, name=entry.jurisdiction_name)
            if entry.jurisdiction
            else None,
            department=DepartmentName(code=entry.department, name=Bilingual.of(entry.department_name))
            if entry.department and entry.department_name
            else None,
            disabled=entry.is_disabled,
            password=password,
        )


class AccountRequest(BaseModel):
    """A new account: `jurisdiction` is a grid's uid, `department` a code; a missing password is made up."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    login: Annotated[str, Field(min_length=1, max_length=64)]
    name: Annotated[str, Field(max_length=80)] = ""
    role: AccountRole
    jurisdiction: Uid | None = None
    department: Uid | None = None
    password: Word | None = None


class AccountChange(BaseModel):
    """One thing to change."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    disabled: bool | None = None
    password: Word | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> AccountChange:
        if self.disabled is None and self.password is None:
            raise ValueError("nothing to change")
        return self


@router.get("")
def list_all_accounts(admin: Admin, session: BearerSession) -> list[AccountShown]:
    """The accounts that an administrator governs."""
    return [AccountShown.of(each) for each in list_accounts(session)]


@router.post("", status_code=201)
def make_account(wanted: AccountRequest, admin: Admin, session: BearerSession) -> AccountShown:
    """Make an account inside one's jurisdiction."""
    if not admin.may_write:
        raise not_allowed()
    new = NewAccount(**wanted.model_dump())
    password = add_account(session, new)
    return AccountShown.of(list_accounts(session, new.login)[0], password)


@router.patch("/{login}")
def change_account(login: Login, change: AccountChange, admin: Admin, session: BearerSession) -> AccountShown:
    """Disable an account, enable it, or set its password; its sessions and tokens end."""
    account_id(session, login)
    if not admin.may_write:
        raise not_allowed()
    if login == admin.login:
        raise OwnAccount(
            Text(zh="不能这样更改自己的账号。", en="One's own account is not changed this way."),
            todo=Text(
                zh="改密码请用“修改密码”；停用请由另一位管理员操作。",
                en="Change your password under “password”; another administrator can disable you.",
            ),
        )
    if change.password is not None:
        set_password(session, login, change.password)
    if change.disabled is not None:
        (disable if change.disabled else enable)(session, login)
    return AccountShown.of(list_accounts(session, login)[0])
