"""``namestui config``: the user's file, every setting there is, and where each value comes from."""

from __future__ import annotations

import os

import typer

from namestui.runs.text import inert
from namestui.tui.cli.errors import WRONG
from namestui.tui.cli.options import Json
from namestui.tui.plain.output import say, say_json, warn


def config(json: Json = False) -> None:
    """Show the settings of your config file, and where each value comes from. Status 2 where something is wrong."""
    from namestui.tui.screen.keymap import keymap_of, shown
    from namestui.tui.state.config_file import read_config
    from namestui.tui.words.settings import settings_of
    from namestui.tui.words.table import aligned

    keymap = keymap_of(read_config())
    file = keymap.file
    settings = settings_of(file, {name: [*map(shown, keys)] for name, keys in keymap.keys.items()}, os.environ)
    if json:
        say_json(
            {
                "path": None if file.path is None else str(file.path),
                "exists": file.exists,
                "settings": {one.name: {"value": one.value, "source": one.source} for one in settings},
                "problems": [{"line": one.line, "text": inert(one.text)} for one in file.problems],
            }
        )
    else:
        there = "" if file.exists else " (no such file: all are defaults)"
        say(inert(f"{file.path}{there}") if file.path is not None else "no file is read: NAMESTUI_CONFIG is empty")
        say("\n".join(aligned([[one.name, inert(one.shown), one.source] for one in settings])))
        for problem in file.problems:
            warn(file.sentence(problem))
    if file.problems:
        raise typer.Exit(WRONG)
