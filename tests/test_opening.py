"""Files are opened in one place: nothing else in the record, the engine or the cache opens one by its path."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

PATHS_ONLY = {"read_bytes", "write_bytes", "read_text", "write_text", "touch", "symlink_to", "hardlink_to"}
"""Methods of a path that open it, or make a link."""
OPENERS = {
    *("open", "io.open", "os.open", "os.mkfifo", "os.truncate", "fileinput.input", "tempfile.NamedTemporaryFile"),
    *("zipfile.ZipFile", "gzip.open", "lzma.open", "np.load", "np.save", "np.savez", "np.fromfile", "np.memmap"),
    *("torch.load", "torch.save", "safe_open", "safetensors.safe_open", "load_file", "save_file"),
    *("safetensors.torch.load_file", "safetensors.torch.save_file", "shutil.copy", "shutil.copyfile", "shutil.move"),
}
"""Functions that open what they are given the path of."""
ALLOWED = {
    ("runs/store.py", "read_text"): "the kernel's boot id",
    ("runs/process.py", "read_bytes"): "the kernel's /proc",
    ("engine/nets/devices.py", "read_text"): "the kernel's /proc/cpuinfo",
    ("engine/training/ranks.py", "read_bytes"): "the kernel's /proc",
    ("engine/recording/container.py", "read_text"): "the kernel's /proc and /sys/fs/cgroup",
    ("engine/recording/machine.py", "read_bytes"): "a count of psutil's",
    ("engine/recording/machine.py", "write_bytes"): "a count of psutil's",
    ("engine/link/client.py", "self.open"): "opens a run, not a file",
    ("engine/training/checkpoint.py", "zipfile.ZipFile"): "is given the opened file",
    ("engine/training/checkpoint.py", "torch.load"): "is given the opened file",
    ("engine/training/checkpoint.py", "torch.save"): "writes into memory",
    ("engine/nets/weights.py", "safetensors.safe_open"): "is given the opened descriptor",
    ("data/cache.py", "np.load"): "is given the opened file",
    ("data/cache.py", "np.savez"): "is given the opened file",
}
"""Where one is used all the same, and why that is safe."""


def files() -> list[Path]:
    found = [file for room in ("runs", "engine") for file in sorted((REPOSITORY / room).rglob("*.py"))]
    return [*found, REPOSITORY / "data" / "cache.py"]


def openings(source: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each use of what opens a file by its path, called or handed on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in OPENERS:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in OPENERS:
                yield node.lineno, name
            elif node.attr in PATHS_ONLY:
                yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "open":
            yield node.lineno, ast.unparse(node.func)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}": alias.asname or alias.name for alias in node.names}
            yield from ((node.lineno, full) for full in names if full in OPENERS)


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_nothing_is_opened_by_its_path(file: Path) -> None:
    name = str(file.relative_to(REPOSITORY))
    found = list(openings(file.read_text(encoding="utf-8")))
    wrong = [f"{name}:{line}: {opener}" for line, opener in found if (name, opener) not in ALLOWED]
    assert wrong == []  # namestui.data.safe_files opens it


def test_each_exception_is_still_needed() -> None:
    used = {(str(file.relative_to(REPOSITORY)), name) for file in files() for _, name in openings(file.read_text())}
    assert set(ALLOWED) <= used


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.open('rb')",
        "run.events_file.with_name('x').open('ab')",
        "os.open(path, os.O_RDONLY)",
        "read = path.read_bytes",
        "path.write_text('x')",
        "path.touch()",
        "zipfile.ZipFile(path)",
        "np.load(path)",
        "from os import open",
        "safetensors.safe_open(path)",
    ],
)
def test_what_opens_a_file_is_seen(line: str) -> None:
    assert list(openings(line))


@pytest.mark.parametrize("line", ["os.fdopen(3, 'rb')", "open_file(path)", "read_bytes(path, 5)", "share = use.open"])
def test_what_opens_none_is_not(line: str) -> None:
    assert not list(openings(line))
