"""``namestui doctor``: whether this machine is fit for training; the checks are in ``checks``."""

from __future__ import annotations

import typer

from namestui.tui.cli.named_runs import open_store


def doctor() -> None:
    """Check this machine. Torch and its devices, the disk, file locks, the terminal, what a logout does to runs."""
    from namestui.tui.cli.checks import examine

    raise typer.Exit(examine(open_store()))
