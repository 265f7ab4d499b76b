"""Limits of containers, from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from namestui.engine.recording.container import Groups, core_limit, core_seconds, memory_limit, memory_used
from namestui.engine.recording.machine import Meter

GB = 1 << 30


def write(folder: Path, **files: str) -> Path:
    """Files by their names, a dot for each double underscore."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n", encoding="ascii")
    return folder


def proc(folder: Path, own: str, *mounts: str) -> Path:
    return write(folder / "self", cgroup=own, mountinfo="\n".join(mounts))


def second(mount: Path, root: str = "/") -> str:
    return f"31 23 0:28 {root} {mount} rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate"


def first(mount: Path, kinds: str, root: str = "/") -> str:
    return f"35 31 0:32 {root} {mount} rw,relatime - cgroup cgroup rw,{kinds}"


def test_version_2_has_one_tree_and_the_groups_around_count_too(tmp_path: Path) -> None:
    # GIVEN a job step in a job that has the limit, as SLURM and systemd do it
    mount = tmp_path / "cgroup with space"
    job = write(mount / "job", cpu__max="250000 100000", memory__max=str(8 * GB), cpu__stat="usage_usec 5000000\nx 1")
    step = write(job / "step", cpu__max="max 100000", memory__max="max")
    write(mount, cgroup__controllers="cpu memory")
    own = proc(
        tmp_path, "0::/job/step", second(Path(str(mount).replace(" ", "\\040"))), "23 1 0:2 / /proc rw - proc x rw"
    )
    groups = Groups.find(own)
    assert groups.cpu == groups.memory == (step, job, mount)
    assert [core_limit(group) for group in groups.cpu] == [None, 2.5, None]
    assert [memory_limit(group) for group in groups.memory] == [None, 8 * GB, None]
    assert core_seconds(job) == 5.0


def test_version_1_has_a_tree_a_kind(tmp_path: Path) -> None:
    cpu = write(tmp_path / "cpu" / "a", **{"cpu__cfs_quota_us": "150000", "cpu__cfs_period_us": "100000"})
    write(tmp_path / "cpuacct" / "a", cpuacct__usage="7000000000")
    memory = write(
        tmp_path / "memory" / "b",
        memory__limit_in_bytes=str(4 * GB),
        memory__usage_in_bytes=str(3 * GB),
        memory__stat=f"cache 5\ntotal_inactive_file {GB}",
    )
    own = proc(
        tmp_path,
        "4:memory:/b\n2:cpuacct:/a\n1:cpu:/a\n0::/",
        first(tmp_path / "cpu", "cpu"),
        first(tmp_path / "cpuacct", "cpuacct"),
        first(tmp_path / "memory", "memory"),
        second(tmp_path / "nowhere"),
    )
    groups = Groups.find(own)
    assert groups == Groups(cpu=(cpu, cpu.parent), memory=(memory, memory.parent))
    assert (core_limit(cpu), core_seconds(cpu)) == (1.5, 7.0)
    assert (memory_limit(memory), memory_used(memory)) == (4 * GB, 2 * GB)


def test_inside_a_container_only_the_root_of_its_mount_can_be_seen(tmp_path: Path) -> None:
    # docker without a namespace of its own: the path is the host's, the mount begins at the container
    mount = write(tmp_path / "memory", memory__limit_in_bytes=str(GB))
    own = proc(tmp_path, "4:memory:/docker/4f2a", first(mount, "memory", "/docker/4f2a"))
    assert Groups.find(own).memory == (mount,)
    inner = write(mount / "inner", memory__limit_in_bytes=str(GB))
    own = proc(tmp_path, "4:memory:/docker/4f2a/inner", first(mount, "memory", "/docker/4f2a"))
    assert Groups.find(own).memory == (inner, mount)


def test_where_there_are_no_groups_nothing_is_limited(tmp_path: Path) -> None:
    assert Groups.find(tmp_path / "nothing") == Groups()
    empty = tmp_path / "empty"
    assert (core_limit(empty), core_seconds(empty), memory_limit(empty), memory_used(empty)) == (None,) * 4


@pytest.mark.parametrize("text", ["max 100000", "-1", "", "0 100000", "100000 0", "nonsense"])
def test_no_quota_is_no_limit(tmp_path: Path, text: str) -> None:
    assert core_limit(write(tmp_path, cpu__max=text)) is None


def test_the_meter_goes_by_the_limits_of_its_container(tmp_path: Path) -> None:
    # GIVEN a container with half a core and less memory than any machine has
    group = write(
        tmp_path / "group",
        cpu__max="50000 100000",
        cpu__stat="usage_usec 1000000",
        memory__max="64000000",
        memory__current="40000000",
        memory__stat="anon 1\ninactive_file 10000000",
    )
    meter = Meter(tmp_path, Groups(cpu=(group,), memory=(group,)))
    before = meter._before
    # WHEN its processes use a core-second
    write(group, cpu__stat="usage_usec 2000000")
    sample = meter.sample()
    # THEN memory and cores are the container's; used of them is what was used of the half core, or all of it
    assert (sample.memory, sample.memory_total, sample.cores) == (30_000_000, 64_000_000, 0.5)
    there = 0.5 * (meter._before.moment - before.moment)
    assert there < 1
    assert sample.cpu == 1.0
    # AND a limit that is wider than the machine changes nothing
    write(group, cpu__max="100000000 100000", memory__max=str(1 << 62))
    wide = meter.sample()
    assert wide.cores >= 1
    assert wide.cpu is None  # it is counted otherwise from now on
    assert wide.memory_total is not None
    assert wide.memory_total > 64_000_000
