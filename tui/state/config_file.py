"""Reading the user's file: what is wrong in it costs the one setting that it is about, and is said with its line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import msgspec
import platformdirs

from namestui.data.safe_files import UnsafeFileError, read_bytes
from namestui.runs.suggest import suggest
from namestui.runs.text import Inert, inert
from namestui.tui.state.config import CHECKS, Config

if TYPE_CHECKING:
    from namestui.tui.state.config_lines import Key

VARIABLE = "NAMESTUI_CONFIG"
"""Names another file; empty: none is read."""
MAX_BYTES = 32_768
_LONG = "a number of thousands of digits"
_LONG_NUMBER = re.compile(r"[\d_]{4300,}")
_WANTED = {bool: "true or false", int: "a whole number", str: "text in quotes", list: "a list of texts in quotes"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in the file."""

    setting: str
    """Such as ``new.epochs``; empty where it is the file as a whole."""
    line: int
    """Counted from 1; 0 where it is on none."""
    text: str


@dataclass(frozen=True)
class ConfigFile:
    """What the user's file says."""

    path: Path | None
    """None: none is read."""
    exists: bool = False
    config: Config = field(default_factory=Config)
    """The defaults where the file says nothing, or nothing that will do."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Of each setting that the file says well, its line."""
    problems: tuple[Problem, ...] = ()

    def sentence(self, problem: Problem) -> Inert:
        """``/home/u/.config/namestui/config.toml:3: unknown setting 'them'; did you mean theme?``."""
        where = f"{self.path}:{problem.line}" if problem.line else f"{self.path}"
        return inert(f"{where}: {problem.text}")

    def source(self, setting: str) -> str:
        """Where its value comes from: ``config.toml:3`` or ``default``."""
        line = self.lines.get(setting)
        return "default" if line is None or self.path is None else inert(f"{self.path.name}:{line}")


def config_path() -> Path | None:
    """``$NAMESTUI_CONFIG``, else ``config.toml`` in the user's config directory; None where the variable is empty."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(os.path.expanduser(named)) if named else None  # noqa: PTH111 - an unknown user is no error here
    return platformdirs.user_config_path("namestui", appauthor=False) / "config.toml"


def read_config() -> ConfigFile:
    """The user's file; whatever is wrong with it is in ``problems``, none of it raises."""
    path = config_path()
    if path is None:
        return ConfigFile(None)
    try:
        text = read_bytes(Path(os.path.realpath(path)), MAX_BYTES).decode()
    except (FileNotFoundError, NotADirectoryError):
        if VARIABLE in os.environ:
            return ConfigFile(path, problems=(Problem("", 0, f"{VARIABLE} names no file"),))
        return ConfigFile(path)
    except UnsafeFileError as error:
        return ConfigFile(path, exists=True, problems=(Problem("", 0, error.strerror),))
    except OSError as error:
        return ConfigFile(path, exists=True, problems=(Problem("", 0, error.strerror or str(error)),))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return ConfigFile(path, exists=True, problems=(Problem("", line, "not UTF-8 text"),))
    return parse(text, path)


def parse(text: str, path: Path) -> ConfigFile:
    """What ``text`` says, read from ``path``."""
    import tomllib  # here: most have no file, and the screen's first frame waits for what is loaded

    from namestui.tui.state.config_lines import lines_of

    try:
        table = tomllib.loads(text)
        lines = lines_of(text)
    except (ValueError, RecursionError) as error:  # a ValueError is also a number of thousands of digits
        return ConfigFile(path, exists=True, problems=(_syntax(error, text),))
    reading = _Reading(lines)
    config = reading.struct(Config, table, ())
    problems = sorted(reading.problems, key=lambda problem: problem.line)
    return ConfigFile(path, True, config, reading.good, tuple(problems))


def _syntax(error: Exception, text: str) -> Problem:
    """``Expected '=' after a key in a key/value pair (at line 3, column 6)`` as a problem of line 3."""
    if type(error) is ValueError:
        begin = number.start() if (number := _LONG_NUMBER.search(text)) else len(text)
        return Problem("", text.count("\n", 0, begin) + 1, f"not TOML that can be read: {_LONG}")
    what, _, where = str(error).rpartition(" (at ")
    line = int(found[1]) if (found := re.match(r"line (\d+)", where)) else text.rstrip().count("\n") + 1
    what = what.removesuffix(".") or "nested too deep"
    return Problem("", line, f"not TOML: {what[0].lower()}{what[1:]}")


class _Reading:
    """Takes each setting by itself, so that a wrong one leaves the others as they are."""

    def __init__(self, lines: Mapping[Key, int]) -> None:
        self.lines = lines
        self.problems: list[Problem] = []
        self.good: dict[str, int] = {}

    def struct(self, kind: type[Any], table: Mapping[str, Any], above: Key) -> Any:
        fields = {one.name: one.type for one in msgspec.structs.fields(kind)}
        values = {}
        for name, value in table.items():
            key: Key = (*above, name)
            wanted: Any = fields.get(name)
            if name not in fields:
                self._complain(key, f"unknown setting {name!r}{_meant(key)}")
            elif _is_table(wanted) and not isinstance(value, dict):
                self._complain(key, f"{name} is a table: write [{name}] on a line of its own and its settings below")
            elif isinstance(value, dict) and _is_struct(wanted):
                values[name] = self.struct(wanted, value, key)
            elif isinstance(value, dict) and _is_table(wanted):
                values[name] = {one: text for one, text in value.items() if self._is_good((*key, one), text, str)}
            elif self._is_good(key, value, wanted):
                values[name] = value
        return kind(**values)

    def _is_good(self, key: Key, value: Any, wanted: Any) -> bool:
        setting, wrong = ".".join(key), ""
        check = CHECKS.get(setting)
        is_of_type = _is_of_type(value, wanted)
        if check is not None and (is_of_type or Literal in _kinds(wanted)):
            wrong = check(value if is_of_type else _shown(value))
        elif not is_of_type:
            wrong = f"expected {next((text for kind, text in _WANTED.items() if kind in _kinds(wanted)), _WANTED[str])}"
        if wrong:
            self._complain(key, f"{key[-1]} = {_shown(value)}: {wrong}")
        else:
            self.good[setting] = self.lines[key]
        return not wrong

    def _complain(self, key: Key, text: str) -> None:
        self.problems.append(Problem(".".join(key), self.lines[key], text))


def _is_of_type(value: Any, wanted: Any) -> bool:
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        return False
    return True


def _kinds(wanted: Any) -> list[Any]:
    """``bool``, ``list`` and so on: of ``list[str] | None`` both."""
    return [
        get_origin(kind) or kind
        for kind in (get_args(wanted) if get_origin(wanted) in (Union, UnionType) else (wanted,))
    ]


def _is_struct(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)


def _is_table(wanted: Any) -> bool:
    return _is_struct(wanted) or get_origin(wanted) is dict


def _shown(value: Any) -> str:
    """A value as it may stand in a line."""
    try:
        text = str(value).lower() if isinstance(value, bool) else repr(value)
    except ValueError:  # hexadecimal digits may be as many as they like
        return _LONG
    return text if len(text) <= 40 else f"{text[:39]}…"


def _meant(key: Key) -> str:
    """What an unknown setting may have meant, also where it stands in the wrong table."""
    known = setting_names()
    elsewhere = next((one for one in known if key[-1] in (one, one.rpartition(".")[2])), "")
    if elsewhere:
        table = elsewhere.rpartition(".")[0]
        return f"; it belongs {f'below [{table}]' if table else 'above the first [table]'}"
    return suggest(".".join(key), [*known, *(one.partition(".")[0] for one in known if "." in one)])


def setting_names() -> list[str]:
    """Every setting there is, such as ``new.epochs``; but the keys, which the screen knows."""
    names = []
    for one in msgspec.structs.fields(Config):
        if _is_struct(one.type):
            names += [f"{one.name}.{below.name}" for below in msgspec.structs.fields(one.type)]
        elif not _is_table(one.type):
            names.append(one.name)
    return names
