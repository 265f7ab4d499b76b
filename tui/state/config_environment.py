"""What the user's file says by way of the environment: to this process, and to those that it starts."""

from __future__ import annotations

from collections.abc import MutableMapping

from namestui.tui.state.config import Config

HOME, HOOK = "NAMESTUI_HOME", "NAMESTUI_HOOK"


def set_environment(config: Config, environment: MutableMapping[str, str]) -> None:
    """Say where runs are kept and what workers run, unless ``environment`` does; an empty hook there means none."""
    if config.home and not environment.get(HOME):
        environment[HOME] = config.home
    if config.notifications.hook and HOOK not in environment:
        environment[HOOK] = config.notifications.hook
