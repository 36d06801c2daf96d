"""The `gisgrid` command."""

import typer

app = typer.Typer()
