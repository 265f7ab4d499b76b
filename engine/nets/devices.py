"""Choosing where to train."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from namestui.runs.config import ConfigError


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes cuda, then mps, then cpu; anything else is taken at its word.

    Raises:
        ConfigError: the device is not there; the text says which are.
    """
    present = available()
    if wanted == "auto":
        return torch.device(present[0])
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise ConfigError(f"unknown device {wanted!r}: this machine has {', '.join(present)}") from None
    missing = device.type not in present or (
        device.type == "cuda" and device.index is not None and device.index >= torch.cuda.device_count()
    )
    if missing:
        raise ConfigError(f"this machine has no {wanted}: choose from {', '.join(present)}, or --device auto")
    return device


def check_processes(device: torch.device, nproc: int) -> None:
    """Raise ConfigError where ``nproc`` processes cannot train together on ``device``: each needs a GPU of its own."""
    if nproc == 1 or device.type == "cpu":
        return
    count = torch.cuda.device_count() if device.type == "cuda" else 1
    if nproc > count:
        raise ConfigError(f"nproc {nproc} needs {nproc} GPUs, this machine has {count}; or use --device cpu")
    if device.index is not None:
        raise ConfigError(f"nproc {nproc} takes the first {nproc} GPUs: use --device cuda, not {device}")


def available() -> list[str]:
    """Device types of this machine, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether ``device`` is a processor with instructions for bfloat16 products; elsewhere they would be emulated."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return device.type == "cpu" and ("avx512_bf16" in flags or "amx_bf16" in flags)


if __name__ == "__main__":
    try:
        check_processes(choose_device(sys.argv[1]), int(sys.argv[2]))
    except ConfigError as error:
        sys.exit(str(error))
