"""Who may import whom, and what importing must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def loaded_by(*modules: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after importing ``modules``."""
    code = f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def modules_of(package: str) -> list[str]:
    files = sorted((REPOSITORY / package).glob("*.py"))
    return [f"namestui.{package}.{file.stem}" for file in files if file.stem != "__init__"]


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


def test_the_record_and_the_clients_side_load_no_torch() -> None:
    data = [name for name in modules_of("data") if not name.endswith(".build")]
    loaded = loaded_by("namestui.engine.client", "namestui.engine.launch", *modules_of("runs"), *data)
    assert "msgspec" in loaded
    assert not loaded & {"torch", "textual", "safetensors"}


@pytest.mark.parametrize("module", ["namestui.tui.app", "namestui.tui.cli"])
def test_the_screen_loads_no_torch(module: str) -> None:
    assert "torch" not in loaded_by(module)


def test_the_main_screen_loads_no_numpy() -> None:
    assert "numpy" not in loaded_by("namestui.tui.screens.main")  # 10 MB, for what it would not use


def test_the_engine_loads_no_screen() -> None:
    loaded = loaded_by("namestui.engine.trainer", "namestui.engine.worker", "namestui.engine.session")
    assert "torch" in loaded
    assert not loaded & {"textual", "rich", "plotext", "typer"}


def test_the_worker_can_be_reached_before_torch_is_loaded() -> None:
    assert "torch" not in loaded_by("namestui.engine.worker", "namestui.engine.server", "namestui.engine.recorder")


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("data", ("namestui.runs", "namestui.engine", "namestui.tui", "torch", "textual")),
        ("runs", ("namestui.engine", "namestui.tui", "torch", "textual", "rich")),
        ("engine", ("namestui.tui", "textual", "rich", "plotext", "typer")),
    ],
)
def test_imports_point_one_way(package: str, forbidden: tuple[str, ...]) -> None:
    files = sorted((REPOSITORY / package).glob("*.py"))
    assert files
    wrong = [
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in files
        for name in imports_of(file)
        if any(name == root or name.startswith(f"{root}.") for root in forbidden)
    ]
    assert wrong == []
