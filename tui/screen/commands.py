"""What the keys of a screen do now: for the palette and for the help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.binding import ActiveBinding
from textual.screen import Screen

from namestui.tui.widgets.glyphs import Glyphs

_TOGETHER = {"move": "move", "page": "page", "edge": "first, last column", "next_pane": "next pane, one before"}
"""Methods whose keys stand in one line of the help: room is short there."""


def live_commands(screen: Screen[Any]) -> Iterable[SystemCommand]:
    """One command a binding that would act now."""
    seen: set[str] = set()
    for active in _live(screen):
        binding = active.binding
        if binding.action not in seen and not binding.action.startswith("move("):
            seen.add(binding.action)
            act = partial(screen.app.run_action, binding.action, active.node)
            yield SystemCommand(binding.description, f"key {screen.app.get_key_display(binding)}", act)


def live_keys(screen: Screen[Any], glyphs: Glyphs) -> list[tuple[str, str]]:
    """Keys and meaning of every binding that would act now, the tabs' digits as one."""
    keys: dict[str, list[str]] = {}
    for active in _live(screen):
        binding = active.binding
        meaning = _TOGETHER.get(binding.action.partition("(")[0], binding.description)
        shown = screen.app.get_key_display(binding)
        keys.setdefault(meaning, []).append(binding.key if glyphs.is_ascii and not shown.isascii() else shown)
    return [(" ".join(dict.fromkeys(shown)), meaning) for meaning, shown in keys.items()] + [("1-9", "tabs")]


def _live(screen: Screen[Any]) -> Iterator[ActiveBinding]:
    """Our own bindings that would act now; Textual's have capitals in their descriptions."""
    for active in screen.active_bindings.values():
        binding = active.binding
        ours = binding.description and not binding.system and binding.description[0].islower()
        if active.enabled and ours and not binding.key.isdigit():
            yield active
