"""`python -m gisgrid` is the `gisgrid` command."""

from gisgrid.cli import app

app(prog_name="gisgrid")
