"""What NVIDIA's GPUs do, as NVML says: through the package nvidia-ml-py, where it is installed (extra ``gpu``)."""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from namestui.runs.events import GpuUse

INSTALL = "pip install 'namestui[gpu]'"
_LIBRARY = "libnvidia-ml.so.1"

Value = TypeVar("Value")


class NoGpuError(Exception):
    """GPUs cannot be measured here; its text says why, and is empty where there is no sign of any."""


class Gpus:
    """The GPUs that this process may use."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """``environment`` says which ones may be used, as CUDA reads it.

        Raises:
            NoGpuError: there is no driver, it does not answer, or the package is missing.
        """
        try:
            self._nvml: Any = importlib.import_module("pynvml")
        except ImportError:
            raise NoGpuError(f"GPU figures need a package: {INSTALL}" if _has_library() else "") from None
        try:
            self._nvml.nvmlInit()
            count = self._nvml.nvmlDeviceGetCount()
            handles = [self._nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
            names = [_text(self._nvml.nvmlDeviceGetName(handle)) for handle in handles]
            uuids = [_text(self._nvml.nvmlDeviceGetUUID(handle)) for handle in handles]
        except self._nvml.NVMLError as error:
            raise NoGpuError(f"NVML does not answer: {error}" if _has_library() else "") from None
        self._devices = [(index, names[index], handles[index]) for index in visible(names, uuids, environment)]

    def __len__(self) -> int:
        return len(self._devices)

    def read(self) -> list[GpuUse]:
        """What each does now; a figure that its GPU does not have is None."""
        return [self._one(*device) for device in self._devices]

    def _one(self, index: int, name: str, handle: object) -> GpuUse:
        nvml = self._nvml
        use = self._value(lambda: float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu))
        memory = self._value(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        power = self._value(lambda: float(nvml.nvmlDeviceGetPowerUsage(handle)))
        limit = self._value(lambda: float(nvml.nvmlDeviceGetEnforcedPowerLimit(handle)))
        return GpuUse(
            index=index,
            name=name,
            use=None if use is None else use / 100,
            memory=None if memory is None else int(memory.used),
            memory_total=None if memory is None else int(memory.total),
            temperature=self._value(lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))),
            power=None if power is None else power / 1000,
            power_limit=None if limit is None else limit / 1000,
        )

    def _value(self, read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except self._nvml.NVMLError:  # this GPU has no such figure, or is lost
            return None


def visible(names: Sequence[str], uuids: Sequence[str], environment: Mapping[str, str]) -> list[int]:
    """The GPUs that CUDA would show this process, by NVML's index; all where that cannot be known.

    CUDA counts the fastest first unless ``CUDA_DEVICE_ORDER`` says otherwise: among GPUs of several kinds a number
    may mean another one than NVML's.
    """
    everything = list(range(len(names)))
    if "CUDA_VISIBLE_DEVICES" not in environment:
        return everything
    in_order = len(set(names)) < 2 or environment.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"
    found: list[int] = []
    for token in environment["CUDA_VISIBLE_DEVICES"].split(","):
        token = token.strip()
        if token.isdigit() and in_order and int(token) < len(names):
            found.append(int(token))
        elif token.startswith("GPU-") and (matching := [i for i in everything if uuids[i].startswith(token)]):
            found += matching[:1]
        elif token in ("", "-1"):  # none from here on
            break
        else:
            return everything
    return list(dict.fromkeys(found))


def _has_library() -> bool:
    """Whether NVIDIA's driver has brought its library."""
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    return True


def _text(value: str | bytes) -> str:
    """Older versions of the package answer in bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
