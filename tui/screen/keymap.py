"""The keys of the main screen as the user's file has them: what it says amiss, or what would clash, stays as it was.

A key belongs to one action of the table, others may share it (``p`` pauses, and resumes what is paused): they follow
wherever it goes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from textual.binding import Binding, BindingsMap
from textual.keys import REPLACED_KEYS, Keys, key_to_character

from namestui.runs.suggest import suggest
from namestui.tui.screen.actions import ACTIONS, Action
from namestui.tui.state.config_file import ConfigFile, Problem
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix

ALIASES = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", "return": "enter"}
RESERVED = {"ctrl+c": "copying of marked text", "ctrl+q": "quitting", "ctrl+z": "suspending", "tab": "the next pane"}
"""What is bound outside the table, or by the terminal."""
_NAMED = {str(key.value) for key in Keys if "<" not in key.value}
_IN_PANES = (ConfusionMatrix,)
"""Widgets with keys of their own, which would hide one of the screen while they have the focus."""


@dataclass(frozen=True)
class Keymap:
    """Which keys each action has."""

    file: ConfigFile
    """With what is wrong with its keys among its problems."""
    keys: Mapping[str, tuple[str, ...]]
    """By the name that an action has in the file, as Textual calls them."""
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By key as it is by default, those that take its place."""

    def rebind(self, bindings: BindingsMap) -> BindingsMap:
        """The bindings of the main screen with the user's keys, in the same order."""
        ours = {action.name for action in ACTIONS}
        new = BindingsMap()
        for key, binding in bindings:
            for other in self.changed.get(key, (key,)) if binding.action in ours else (key,):
                shown = binding.key_display if other == key else _character(other)
                known = new.key_to_bindings.setdefault(other, [])
                if all(binding.action != one.action for one in known):
                    known.append(binding.with_key(other, shown))
        return new


def keymap_of(file: ConfigFile) -> Keymap:
    """What the user's file makes of the keys."""
    owned = owned_keys()
    problems: list[Problem] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for name, text in file.config.keys.items():
        try:
            if name in owned:
                wanted[name] = _keys(text)
            else:
                problems.append(_problem(file, name, f"no action is called {name!r}{suggest(name, owned)}"))
        except _WrongError as error:
            problems.append(_problem(file, name, f"{name} = {text!r}: {error}"))
    while clash := next(_clashes(owned, wanted), None):
        name, text = clash
        problems.append(_problem(file, name, text))
        del wanted[name]
    changed = {key: wanted[name] for name in wanted for key in owned[name]}
    bad = {f"keys.{name}" for name in file.config.keys if name not in wanted}
    return Keymap(
        dataclasses.replace(
            file,
            problems=tuple(sorted([*file.problems, *problems], key=lambda one: one.line)),
            lines={name: line for name, line in file.lines.items() if name not in bad},
        ),
        {**owned, **wanted},
        changed,
    )


def owned_keys() -> dict[str, tuple[str, ...]]:
    """By action, its keys by default: each is that of the first action that has it as its first, or else at all."""
    owner: dict[str, Action] = {}
    for action in ACTIONS:
        owner.setdefault(_split(action)[0], action)
    for action in ACTIONS:
        for key in _split(action):
            owner.setdefault(key, action)
    return {
        called(action): keys
        for action in ACTIONS
        if (keys := tuple(key for key in _split(action) if owner[key] is action))
    }


def called(action: Action) -> str:
    """What an action is called in the file: ``tab_1`` for ``tab(1)``, ``next_tab`` and ``previous_tab``."""
    name = action.name.removeprefix("app.").removesuffix(")").replace("(-1", "(previous")
    method, _, argument = name.partition("(")
    if argument == "previous":
        return method.replace("next", "previous")
    return f"{method}_{argument}" if argument and not method.startswith("next") else method


class _WrongError(ValueError):
    """What a line of the file should not say."""


def _split(action: Action) -> list[str]:
    return action.keys.split(",")


def _keys(text: str) -> tuple[str, ...]:
    """``p, space`` as Textual's names; raises where one is no key, or cannot be had."""
    keys = tuple(dict.fromkeys(_key(part.strip()) for part in text.split(",")))
    for key in keys:
        if key in RESERVED:
            raise _WrongError(f"{key} is for {RESERVED[key]}: choose another key")
    return keys


def _key(spelling: str) -> str:
    if len(spelling) == 1 and spelling.isprintable() and spelling != " ":
        return next(iter(Binding.make_bindings([Binding(spelling, "", "")]))).key
    key = ALIASES.get(spelling.lower(), spelling.lower())
    if key in _NAMED or (len(key) > 1 and _character(key)):
        return key
    if not spelling:
        raise _WrongError("a key is missing: keys are apart by commas, and the comma itself is called comma")
    near = suggest(key, [*_NAMED, *ALIASES])
    raise _WrongError(f"no key is called {spelling!r}{near}")


def _clashes(owned: Mapping[str, tuple[str, ...]], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each action of the file with a key that another has as well, and a sentence that names both."""
    keys = {**owned, **wanted}
    for name in wanted:
        for other, taken in keys.items():
            for key in keys[name]:
                if other != name and key in taken:
                    yield name, f"{name} = {shown(key)!r} clashes with {other}, which has that key"
        for key in keys[name]:
            if key not in owned[name] and (action := _in_pane(key)):
                yield name, f"{name} = {shown(key)!r} clashes with {action!r} of the matrix, which has that key"


def _in_pane(key: str) -> str:
    """What a key does in a pane that has it for itself."""
    for widget in _IN_PANES:
        for binding in Binding.make_bindings(widget.BINDINGS):
            if binding.key == key:
                return binding.description
    return ""


def shown(key: str) -> str:
    """A key as the file may call it: the character, where it is one and not the comma."""
    return (_character(key) or "").replace(",", "") or {name: short for short, name in ALIASES.items()}.get(key, key)


def _character(key: str) -> str | None:
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character if character is not None and character.isprintable() and character != " " else None


def _problem(file: ConfigFile, name: str, text: str) -> Problem:
    return Problem(f"keys.{name}", file.lines.get(f"keys.{name}", 0), text)
