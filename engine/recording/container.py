"""What a container, or any other control group of Linux, leaves to this process, and what its processes use of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc/self")


@dataclass(frozen=True)
class Groups:
    """The control groups that this process is in, innermost first, of each kind; none where there are none.

    Version 2 has one tree for everything, version 1 one a kind. The group that a process names may be out of sight
    from inside a container, where only the mount's root is left of it.
    """

    cpu: tuple[Path, ...] = ()
    memory: tuple[Path, ...] = ()

    @staticmethod
    def find(proc: Path = PROC) -> Groups:
        """Those of this process, as ``proc`` lists them; nothing where the system has no such files."""
        try:
            own = (proc / "cgroup").read_text(encoding="utf-8").splitlines()
            mounts = (proc / "mountinfo").read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return Groups()
        named = {kind: path for line in own for kinds, path in [_parted(line)] for kind in kinds.split(",")}
        found: dict[str, tuple[Path, ...]] = {}
        for kinds, root, mount in filter(None, map(_mount, mounts)):
            for kind in kinds & named.keys():
                found[kind] = tuple(_upwards(named[kind], root, mount))
        both = found.get("", ())
        return Groups(cpu=found.get("cpu") or both, memory=found.get("memory") or both)


def _parted(line: str) -> tuple[str, str]:
    """``4:memory:/user`` as what the tree is of, and the group in it."""
    _, kinds, path = line.split(":", 2)
    return kinds, path


def _mount(line: str) -> tuple[set[str], str, Path] | None:
    """What a mounted tree is of (nothing: everything, version 2), the group that is its root, and where it is."""
    before, _, after = line.partition(" - ")
    kind, _, options = after.partition(" ")
    if kind not in ("cgroup", "cgroup2"):
        return None
    _, _, _, root, point, *_ = before.split(" ")
    kinds = {""} if kind == "cgroup2" else set(options.split(" ")[-1].split(","))
    return kinds, root, Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), point))


def _upwards(group: str, root: str, mount: Path) -> Iterator[Path]:
    """The folders of ``group`` and of those around it, as far as they can be seen."""
    inside = group.removeprefix(root.rstrip("/")).strip("/") if root != group else ""
    parts = [part for part in inside.split("/") if part and part != ".."]
    for count in range(len(parts), -1, -1):
        folder = mount.joinpath(*parts[:count])
        if folder.is_dir():
            yield folder


def core_limit(group: Path) -> float | None:
    """Cores that the processes of ``group`` may keep busy; None where that is not limited."""
    if (both := _text(group / "cpu.max").split()) and both[0].isdigit():  # version 2
        quota, period = both[0], both[1] if len(both) > 1 else "100000"
    else:
        quota, period = _text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")
    if not quota.isdigit() or not period.isdigit() or not int(quota) or not int(period):
        return None
    return int(quota) / int(period)


def core_seconds(group: Path) -> float | None:
    """Seconds for which the processes of ``group`` have kept a core busy, all added up."""
    used = _entry(group / "cpu.stat", "usage_usec")
    if used is not None:
        return used / 1e6
    # Version 1 counts in a tree of its own, mostly mounted in the same place, or beside it under the same path.
    for folder in (group, Path(re.sub(r"/cpu(?=/|$)", "/cpuacct", str(group), count=1))):
        if (text := _text(folder / "cpuacct.usage")).isdigit():
            return int(text) / 1e9
    return None


def memory_limit(group: Path) -> int | None:
    """Bytes that the processes of ``group`` may use; None where that is not limited."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        if (text := _text(group / name)).isdigit():
            return int(text)
    return None


def memory_used(group: Path) -> int | None:
    """Bytes that the processes of ``group`` use, without what the system keeps of files and would give back."""
    for name, cached in (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file")):
        if (text := _text(group / name)).isdigit():
            return max(0, int(text) - (_entry(group / "memory.stat", cached) or 0))
    return None


def _entry(path: Path, name: str) -> int | None:
    for line in _text(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return None


def _text(path: Path) -> str:
    """What a file of the system holds; nothing where there is none, or it may not be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
