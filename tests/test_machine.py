"""What a worker measures of its machine, against what the system says elsewhere."""

from __future__ import annotations

import errno
import os
import queue
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from namestui.engine.recording import gpus, machine, sampler
from namestui.engine.recording.container import Groups
from namestui.engine.recording.gpus import Gpus, NoGpuError, visible
from namestui.engine.recording.machine import Meter
from namestui.engine.recording.sampler import Sampler
from namestui.runs.events import GpuUse, Machine
from tests.watching import until

LINUX = Path("/proc/meminfo").exists()
BOTH = ["NVIDIA A100-SXM4-80GB"] * 2
MIXED = ["NVIDIA T400", "NVIDIA A100-SXM4-80GB"]
UUIDS = ["GPU-aaaa-1", "GPU-bbbb-2"]


def test_a_process_that_computes_is_seen_to(tmp_path: Path) -> None:
    meter = Meter(tmp_path, Groups())
    began, busy = time.monotonic(), time.process_time()
    while time.process_time() - busy < 0.3:
        sum(range(1000))
    held = bytearray(b"x" * 40_000_000)
    sample = meter.sample()
    elapsed = time.monotonic() - began
    assert sample.seconds == pytest.approx(elapsed, abs=0.2)
    assert sample.worker_cpu is not None
    assert 0.25 <= sample.worker_cpu * sample.seconds <= time.process_time() - busy + 0.1
    assert sample.cpu is not None
    assert 0 < sample.cpu <= 1
    assert sample.worker_memory is not None
    assert sample.worker_memory > len(held)
    assert 1 <= sample.cores <= (os.cpu_count() or 1)


@pytest.mark.skipif(not LINUX, reason="the kernel's own figures are read from /proc")
def test_memory_and_disk_are_what_the_kernel_says(tmp_path: Path) -> None:
    meter = Meter(tmp_path, Groups())
    sample = meter.sample()
    kernel = {
        name: int(rest.split()[0]) * 1024
        for name, _, rest in (line.partition(":") for line in Path("/proc/meminfo").read_text().splitlines())
    }
    assert sample.memory_total == kernel["MemTotal"]
    assert sample.memory == pytest.approx(kernel["MemTotal"] - kernel["MemAvailable"], rel=0.2)
    status = os.statvfs(tmp_path)
    assert sample.disk_total == status.f_blocks * status.f_frsize
    assert sample.disk_free == pytest.approx(status.f_bavail * status.f_frsize, rel=0.2)


def test_only_the_cores_that_it_may_run_on_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN four cores, of which this process may use the last two (taskset, SLURM); two others are busy
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 3}, raising=False)
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    cores = [Times(100, 0), Times(100, 0), Times(0, 100), Times(0, 100)]
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: cores)  # noqa: ARG005
    meter = Meter(tmp_path, Groups())
    # WHEN one of its two is half busy for ten seconds
    before = meter._cpu()
    cores = [Times(110, 0), Times(110, 0), Times(5, 105), Times(0, 110)]
    # THEN a quarter of what it may use was used
    assert machine._share(before, meter._cpu()) == 0.25
    assert meter.cores() == 2.0


class Times(tuple[float, float]):
    """User time and idle time of a core."""

    def __new__(cls, user: float, idle: float) -> Times:
        return super().__new__(cls, (user, idle))

    @property
    def idle(self) -> float:
        return self[1]


def test_what_cannot_be_measured_is_none_and_takes_nothing_else_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def fail(**_: object) -> None:
        raise NotImplementedError("not in this container")

    monkeypatch.setattr(psutil, "disk_io_counters", fail)
    meter = Meter(folder, Groups())
    folder.rmdir()
    sample = meter.sample()
    assert (sample.disk_free, sample.disk_total, sample.disk_read, sample.disk_written) == (None,) * 4
    assert sample.memory
    assert sample.gpus == []


def test_a_counter_that_begins_anew_makes_no_rate() -> None:
    assert machine._rate(100, 50, 2.0) is None
    assert machine._rate(None, 50, 2.0) is None
    assert machine._rate(50, 100, 2.0) == 25.0


# The thread


def test_samples_come_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "EVERY", 0.01)
    found: list[Machine] = []
    one = Sampler(tmp_path, found.append)
    one.start()
    until(lambda: len(found) >= 3, "three samples")
    one.stop()
    count = len(found)
    assert not one._thread.is_alive()
    assert len(found) == count
    Sampler(tmp_path, found.append).stop()  # one that was never started


def test_what_goes_wrong_in_it_is_noted_and_ends_only_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sampler, "EVERY", 0.01)

    def fail(_: object) -> None:
        raise RuntimeError("a figure that nobody has thought of")

    one = Sampler(tmp_path, fail)
    one.start()
    one._thread.join(10)
    assert "a figure that nobody has thought of" in capsys.readouterr().err


def test_the_worker_can_be_reached_before_what_measures_is_loaded() -> None:
    code = "import sys, namestui.engine.worker.__main__; print('psutil' in sys.modules, 'pynvml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "False"]


def test_the_screen_never_loads_what_measures() -> None:
    modules = "namestui.tui.entry, namestui.tui.screen.main, namestui.tui.screen.app, namestui.tui.cli.app"
    code = f"import sys, {modules}; print('psutil' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False"]


# GPUs, by an NVML that is not there: untried on a real one


class FakeNvml:
    """Two GPUs; the second has no power meter."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def __init__(self, names: list[str] = BOTH) -> None:
        self.names = names
        self.is_lost = False

    def nvmlInit(self) -> None:
        if not self.names:
            raise self.NVMLError("Driver Not Loaded")

    def nvmlDeviceGetCount(self) -> int:
        return len(self.names)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: int) -> bytes | str:
        return self.names[handle].encode() if handle else self.names[handle]

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return UUIDS[handle]

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        if self.is_lost:
            raise self.NVMLError("GPU is lost")
        return SimpleNamespace(gpu=93 - handle, memory=40)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(used=30_000_000_000 + handle, total=80_000_000_000, free=0)

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:
        return 61 + handle + sensor

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        if handle:
            raise self.NVMLError("Not Supported")
        return 251_500

    def nvmlDeviceGetEnforcedPowerLimit(self, _: int) -> int:
        return 400_000


def use(monkeypatch: pytest.MonkeyPatch, nvml: FakeNvml) -> FakeNvml:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)  # type: ignore[arg-type]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return nvml


def test_gpus_are_read_in_our_units_and_what_one_lacks_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = use(monkeypatch, FakeNvml())
    meter = Meter(tmp_path, Groups())
    first, second = meter.sample().gpus
    assert first == GpuUse(
        index=0,
        name=BOTH[0],
        use=0.93,
        memory=30_000_000_000,
        memory_total=80_000_000_000,
        temperature=61.0,
        power=251.5,
        power_limit=400.0,
    )
    assert (second.index, second.name, second.power, second.temperature) == (1, BOTH[0], None, 62.0)
    nvml.is_lost = True
    assert [gpu.use for gpu in meter.sample().gpus] == [None, None]


@pytest.mark.parametrize(
    ("names", "environment", "expected"),
    [
        (BOTH, {}, [0, 1]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "1"}, [1]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": " 1 , 0"}, [1, 0]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "GPU-bbbb"}, [1]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": ""}, []),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "0,-1,1"}, [0]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "7"}, [0, 1]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "MIG-1"}, [0, 1]),
        (BOTH, {"CUDA_VISIBLE_DEVICES": "1,1"}, [1]),
        (MIXED, {"CUDA_VISIBLE_DEVICES": "0"}, [0, 1]),  # CUDA's first is the fastest, which NVML does not say
        (MIXED, {"CUDA_VISIBLE_DEVICES": "0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [0]),
        (MIXED, {"CUDA_VISIBLE_DEVICES": "GPU-bbbb"}, [1]),
    ],
)
def test_the_gpus_are_those_that_cuda_shows(names: list[str], environment: dict[str, str], expected: list[int]) -> None:
    assert visible(names, UUIDS, environment) == expected


@pytest.mark.parametrize(
    ("has_package", "has_library", "reason"),
    [
        (False, False, ""),
        (False, True, "GPU figures need a package: pip install 'namestui[gpu]'"),
        (True, False, ""),
        (True, True, "NVML does not answer: Driver Not Loaded"),
    ],
)
def test_why_there_are_no_figures_is_known(
    monkeypatch: pytest.MonkeyPatch, has_package: bool, has_library: bool, reason: str
) -> None:
    monkeypatch.setattr(gpus, "_has_library", lambda: has_library)
    if has_package:
        use(monkeypatch, FakeNvml([]))
    else:
        monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(NoGpuError) as raised:
        Gpus()
    assert str(raised.value) == reason


def test_the_extra_names_the_package_whose_module_we_load() -> None:
    assert gpus.INSTALL == "pip install 'namestui[gpu]'"
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'gpu = ["nvidia-ml-py' in text


def test_a_sample_that_cannot_be_taken_is_missing_and_the_next_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    taken: queue.SimpleQueue[Machine] = queue.SimpleQueue()
    real, failures = Meter.sample, iter([OSError(errno.EMFILE, "Too many open files")] * 2)

    def sample(meter: Meter) -> Machine:
        if (failure := next(failures, None)) is not None:
            raise failure
        return real(meter)

    monkeypatch.setattr(Meter, "sample", sample)
    monkeypatch.setattr(sampler, "EVERY", 0.01)
    made = Sampler(tmp_path, taken.put)
    made.start()
    try:
        assert taken.get(timeout=30).cores > 0
    finally:
        made.stop()
    assert capfd.readouterr().err.count("OSError: [Errno 24] Too many open files") == 1
