"""What the operator decides: GISGRID_* variables, read once."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gisgrid.errors import InputError
from gisgrid.text import Text


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/gisgrid")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gisgrid"


class Settings(BaseSettings):
    """One attribute a variable: `database_url` is GISGRID_DATABASE_URL, and so on."""

    model_config = SettingsConfigDict(
        env_prefix="GISGRID_", env_ignore_empty=True, hide_input_in_errors=True, frozen=True
    )

    database_url: str | None = Field(default=None, repr=False)
    """A PostgreSQL server of one's own, as the owner of gisgrid's database; unset: a private cluster."""
    app_password: SecretStr | None = None
    """Of the role gisgrid_app, on a server of one's own."""
    login_password: SecretStr | None = None
    """Of the role gisgrid_login, on a server of one's own."""
    admin_url: str | None = Field(default=None, repr=False)
    """A superuser on that server, for `gisgrid db start|backup|restore` only; never kept."""

    data_dir: Path = Field(default_factory=_default_data_dir)
    """Holds the private cluster, and whatever else gisgrid keeps."""
    postgres_bin: Path | None = None
    """The folder with initdb and postgres, if gisgrid should not look for it."""

    public_url: str | None = None
    """Where people reach the site, if it stands behind a proxy."""
    trusted_proxy: str | None = None
    """Addresses or networks of that proxy, separated by commas; only it is believed in X-Forwarded-*."""
    hotline: str = "12345"
    """The telephone number shown where nobody is responsible."""
    tianditu_key: SecretStr | None = None
    """Tianditu's key; the server asks for the tiles, so that it never reaches a browser."""
    basemap_url: str | None = None
    """An XYZ template or a WMTS address for the base map."""

    @field_validator("data_dir", "postgres_bin")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else Path(os.path.abspath(value.expanduser()))  # noqa: PTH100 (keeps links)


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises
    ------
    InputError
        If a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(f"GISGRID_{'_'.join(map(str, each['loc'])).upper()}" for each in error.errors())
        raise InputError(
            Text(zh="环境变量的值不可用。", en="An environment variable has a value that cannot be used."),
            where=names,
            todo=Text(zh="请改正或删除该变量后重试。", en="Correct the variable or unset it, and try again."),
        ) from None
