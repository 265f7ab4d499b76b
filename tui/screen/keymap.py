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
from namestui.tui.widgets.class_table import ClassTable
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix

ALIASES = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "del": "delete", "return": "enter"}
RESERVED = {"ctrl+c": "copying of marked text", "ctrl+q": "quitting", "ctrl+z": "suspending", "ctrl+l": "drawing anew"}
"""What is bound outside the table, or by the terminal."""
_NAMED = {str(key.value) for key in Keys if "<" not in key.value}
_IN_PANES = {"matrix": ConfusionMatrix, "class table": ClassTable}
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
                problems.append(_problem(file, name, _unknown(name, owned)))
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
    """By action, its keys by default: each is that of one action alone, the other ones share it."""
    owners = _owners()
    return {
        called(action): keys
        for action in ACTIONS
        if (keys := tuple(key for key in _split(action) if owners[key] is action))
    }


def _owners() -> dict[str, Action]:
    """By key, whose it is: the first action's that has it as its first and is in the foot, else as its first, else at
    all."""
    owners: dict[str, Action] = {}
    for action in sorted(ACTIONS, key=lambda action: action.foot is None):
        owners.setdefault(_split(action)[0], action)
    for action in ACTIONS:
        for key in _split(action):
            owners.setdefault(key, action)
    return owners


def _unknown(name: str, owned: Mapping[str, tuple[str, ...]]) -> str:
    """Why there is no action of this name to be re-mapped."""
    owners = _owners()
    shares = next((called(owners[_split(action)[0]]) for action in ACTIONS if called(action) == name), "")
    if shares:
        return f"{name} shares its keys with {shares}: re-map that one"
    return f"no action is called {name!r}{suggest(name, owned)}"


def called(action: Action) -> str:
    """What an action is called in the file: one of several by one method after its text, ``tab_before``."""
    return action.text.replace(" ", "_") if "(" in action.name else action.name.removeprefix("app.")


class _WrongError(ValueError):
    """What a line of the file should not say."""


def _split(action: Action) -> list[str]:
    return action.keys.split(",")


def _keys(text: str) -> tuple[str, ...]:
    """``p, space`` as Textual's names; raises where one is no key, or cannot be had."""
    keys = tuple(dict.fromkeys(key_called(part.strip()) for part in text.split(",")))
    for key in keys:
        if key in RESERVED:
            raise _WrongError(f"{key} is for {RESERVED[key]}: choose another key")
    return keys


def key_called(spelling: str) -> str:
    """Textual's name of a key that the file calls so; raises where there is none."""
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
                yield name, f"{name} = {shown(key)!r} clashes with {action}, which has that key"


def _in_pane(key: str) -> str:
    """What a key does in a pane that has it for itself."""
    for pane, widget in _IN_PANES.items():
        for binding in Binding.make_bindings(widget.BINDINGS):
            if binding.key == key:
                return f"{binding.description!r} of the {pane}"
    return ""


def shown(key: str) -> str:
    """A key as the file may call it: the character, where it is one and not the comma."""
    return (_character(key) or "").replace(",", "") or {name: short for short, name in ALIASES.items()}.get(key, key)


def _character(key: str) -> str | None:
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character if character is not None and character.isprintable() and character != " " else None


def _problem(file: ConfigFile, name: str, text: str) -> Problem:
    return Problem(f"keys.{name}", file.lines.get(f"keys.{name}", 0), text)
