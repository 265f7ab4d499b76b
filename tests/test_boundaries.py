"""Who may import whom, what importing must not load, and that a wheel holds every room."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
HOUSES = ("tui", "engine", "runs", "data")

ROOMS = (
    "tui",
    "tui.cli",
    "tui.screen",
    "tui.dialogs",
    "tui.widgets",
    "tui.widgets.chart",
    "tui.widgets.matrix",
    "tui.plain",
    "tui.words",
    "tui.state",
    "engine",
    "engine.worker",
    "engine.evidence",
    "engine.training",
    "engine.nets",
    "engine.nets.kernels",
    "engine.recording",
    "engine.planning",
    "engine.link",
    "runs",
    "data",
)
"""From top to bottom: a room imports only itself and rooms below it, so there is no circle."""

WITHOUT_TORCH = (
    *(room for room in ROOMS if room.startswith("tui")),
    *("engine.recording", "engine.planning", "engine.link", "runs", "data"),
)
TOP_DOWN = {"tui.widgets": ("tui.widgets.chart", "tui.widgets.matrix")}
"""Rooms within rooms whose outer files may be used by the inner ones (one frame for all charts)."""
GENERATOR = REPOSITORY / "data" / "names"
"""The bundled names, and the scripts that made them: nothing imports those, and they need packages that no user has."""


def files_of(room: str) -> list[Path]:
    """The files of a room, without those of the rooms within it; every file belongs to exactly one room."""
    return [file for file in python_files(room.partition(".")[0]) if room_of(module_of(file)) == room]


def python_files(house: str) -> list[Path]:
    return sorted(file for file in (REPOSITORY / house).rglob("*.py") if GENERATOR not in file.parents)


def module_of(file: Path) -> str:
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The innermost room that holds ``module`` (without ``namestui.``)."""
    return max((room for room in ROOMS if module == room or module.startswith(f"{room}.")), key=len, default="")


def imports_of(file: Path) -> set[str]:
    """All modules that a file imports, anywhere in it; relative imports are not used in this project."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def loaded_by(*modules: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after importing ``modules``."""
    code = f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def importable(room: str) -> list[str]:
    """The modules of a room but those that act when they are imported."""
    return [f"namestui.{module_of(file)}" for file in files_of(room) if file.stem not in ("__init__", "__main__")]


def test_every_file_is_in_a_room_and_every_room_has_files() -> None:
    for house in HOUSES:
        assert python_files(house)
        assert [file for file in python_files(house) if not room_of(module_of(file))] == []
    assert [room for room in ROOMS if not files_of(room)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_downwards(room: str) -> None:
    below = ROOMS[ROOMS.index(room) :]
    inner = [outer for outer, rooms in TOP_DOWN.items() if room in rooms]
    wrong = [
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in files_of(room)
        for name in imports_of(file)
        if name.startswith("namestui.") and room_of(name.removeprefix("namestui.")) not in (*below, *inner)
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle() -> None:
    """Also not through others, nor within a room, nor when it is imported late."""
    known = {f"namestui.{module_of(file)}": file for house in HOUSES for file in python_files(house)}
    arrows = {
        name: {
            target
            for found in imports_of(file)
            if (target := found if found in known else found.rpartition(".")[0]) in known
            and target != name
            and not name.startswith(f"{target}.")
        }
        for name, file in known.items()
    }
    while leaves := {name for name, targets in arrows.items() if not targets & arrows.keys()}:
        arrows = {name: targets for name, targets in arrows.items() if name not in leaves}
    assert sorted(arrows) == []


@pytest.mark.parametrize(
    ("house", "forbidden"),
    [
        ("data", ("torch", "textual", "rich")),
        ("runs", ("torch", "textual", "rich", "numpy")),
        ("engine", ("textual", "rich", "typer")),
        ("tui", ("torch",)),
    ],
)
def test_no_house_imports_what_is_not_its_own(house: str, forbidden: tuple[str, ...]) -> None:
    wrong = [
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in python_files(house)
        for name in imports_of(file)
        if name.partition(".")[0] in forbidden
    ]
    assert wrong == []


@pytest.mark.parametrize("room", WITHOUT_TORCH)
def test_a_room_without_torch_loads_none(room: str) -> None:
    loaded = loaded_by(*importable(room))
    assert not loaded & {"torch", "safetensors"}
    if not room.startswith("tui"):
        assert "textual" not in loaded


@pytest.mark.parametrize("room", ["tui.state", "tui.words", "tui.plain"])
def test_what_is_without_a_screen_loads_no_textual(room: str) -> None:
    assert "textual" not in loaded_by(*importable(room))


def test_the_main_screen_loads_no_numpy() -> None:
    assert "numpy" not in loaded_by("namestui.tui.screen.main")  # 10 MB, for what it would not use


def test_the_engine_loads_no_screen() -> None:
    rooms = [room for room in ROOMS if room.startswith("engine")]
    loaded = loaded_by(*(name for room in rooms for name in importable(room)))
    assert "torch" in loaded
    assert not loaded & {"textual", "rich", "typer"}


def test_the_worker_can_be_reached_before_torch_is_loaded() -> None:
    assert "torch" not in loaded_by("namestui.engine.worker.__main__")


def test_a_wheel_holds_every_package() -> None:
    """``pyproject.toml`` lists the packages by name: one that it forgets is missing from every wheel."""
    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    folders = {module_of(file.parent / "__init__.py") for house in HOUSES for file in python_files(house)}
    assert sorted(listed) == sorted(f"namestui.{folder}" for folder in folders)


def test_no_file_needs_scrolling_to_find_its_purpose() -> None:
    long = {
        str(file.relative_to(REPOSITORY)): count
        for house in (*HOUSES, "tests", "bench")
        for file in python_files(house)
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
