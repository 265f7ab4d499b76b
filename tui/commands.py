"""The palette: what the keys of the screen in front do now, by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen


def live_commands(screen: Screen[object]) -> Iterable[SystemCommand]:
    """One command a binding that would act now; Textual's own, which have capitals, are left out."""
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        named = binding.description and binding.description[0].islower() and not binding.key.isdigit()
        if active.enabled and named and binding.action not in seen and not binding.action.startswith("move("):
            seen.add(binding.action)
            key = screen.app.get_key_display(binding)
            act = partial(screen.app.run_action, binding.action, active.node)
            yield SystemCommand(binding.description, f"key {key}", act)
