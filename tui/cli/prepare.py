"""What the user's file does to a command, and what is said where something is wrong with it.

It keeps nobody from a run: a command warns in a line for each mistake and goes on without that setting, the screen does
so itself. Only what would train with settings that nobody meant is refused.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from namestui.tui.plain.output import warn

if TYPE_CHECKING:
    from namestui.engine.planning.wanted import Wanted

_SAY_IT_THEMSELVES = (None, "new", "train", "attach", "replay", "config")


def prepare(command: str | None) -> None:
    """Put what the file says into the environment, where that does not say otherwise, before ``command`` begins."""
    from namestui.tui.state.config_environment import set_environment
    from namestui.tui.state.config_file import read_config

    if command == "config":
        return
    file = read_config()
    set_environment(file.config, os.environ)
    if command not in _SAY_IT_THEMSELVES:
        for problem in file.problems:
            warn(file.sentence(problem))


def with_user_defaults(wanted: Wanted, given: Collection[str]) -> Wanted:
    """``wanted`` with the file's ``[new]`` where it is not ``given``; a line on standard error says what was taken.

    Raises:
        UsageError: what the file says of new runs will not do.
    """
    from namestui.tui.state.config_file import read_config
    from namestui.tui.state.new_defaults import refuse_doubtful, with_defaults

    file = read_config()
    refuse_doubtful(file)
    wanted, taken = with_defaults(wanted, given, file)
    if taken:
        warn(f"from {file.path}: {', '.join(taken)}")
    return wanted
