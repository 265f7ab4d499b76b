"""The same curves as files of other programs: TensorBoard's events, tlog's JSON lines, W&B's offline runs.

    PEERS/bin/python bench/peer_runs.py OUT RUNS EPOCHS

Run with the interpreter that has the peers installed; nothing of namestui is imported. What cannot be written, because
its package is missing, is named on a line of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

NAMES = ("train/loss", "validation/loss", "train/accuracy", "validation/accuracy")


def curves(epochs: int) -> Iterator[tuple[int, dict[str, float]]]:
    """As ``bench.long_log`` has them."""
    for epoch in range(1, epochs + 1):
        loss = 0.5 + 2.0 / (1 + 20 * epoch / epochs) + 0.01 * (epoch * 7919 % 13)
        yield epoch, dict(zip(NAMES, (loss, 1.1 * loss, 1 / (1 + loss), 0.9 / (1 + loss)), strict=True))


def tensorboard(out: Path, runs: int, epochs: int) -> None:
    """Event files, by the format's own rules: no package is needed."""
    for number in range(runs):
        folder = out / f"run-{number}"
        folder.mkdir(parents=True)
        with (folder / f"events.out.tfevents.{1700000000 + number}.box").open("wb") as file:
            file.write(_record(_field(1, 1, struct.pack("<d", 1.7e9)) + _field(3, 2, b"brain.Event:2")))
            for epoch, values in curves(epochs):
                summary = b"".join(
                    _field(1, 2, _field(1, 2, name.encode()) + _field(2, 5, struct.pack("<f", value)))
                    for name, value in values.items()
                )
                moment = _field(1, 1, struct.pack("<d", 1.7e9 + epoch))
                file.write(_record(moment + _field(2, 0, _varint(epoch)) + _field(5, 2, summary)))


def tlog(out: Path, runs: int, epochs: int) -> None:
    """By its own package."""
    package = importlib.import_module("tlog")
    for number in range(runs):
        run = package.init(
            project="bench", name=f"run-{number}", dir=str(out), system_metrics=False, capture_console=False, new=True
        )
        for epoch, values in curves(epochs):
            run.log(values, step=epoch)
        run.finish()


def wandb(out: Path, runs: int, epochs: int) -> None:
    """Offline, by its own package."""
    package = importlib.import_module("wandb")
    out.mkdir(parents=True)
    for number in range(runs):
        settings = package.Settings(silent=True, console="off", x_disable_stats=True, disable_git=True)
        run = package.init(project="bench", name=f"run-{number}", mode="offline", dir=str(out), settings=settings)
        for epoch, values in curves(epochs):
            run.log(values, step=epoch)
        run.finish()


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    crc = _crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value


_TABLE = [_entry(value) for value in range(256)]


def _field(number: int, kind: int, data: bytes) -> bytes:
    return _varint(number << 3 | kind) + (_varint(len(data)) if kind == 2 else b"") + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def main() -> None:
    """Write all; a JSON object says how long each took, or why it is not there."""
    out, runs, epochs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.environ["WANDB_DIR"] = str(out / "wandb")
    writers: dict[str, Callable[[Path, int, int], None]] = {"tensorboard": tensorboard, "tlog": tlog, "wandb": wandb}
    for name, write in writers.items():
        began = time.perf_counter()
        try:
            write(out / name, runs, epochs)
        except ImportError as error:
            print(json.dumps({"name": name, "missing": str(error)}), flush=True)
        else:
            print(json.dumps({"name": name, "seconds": round(time.perf_counter() - began, 1)}), flush=True)


if __name__ == "__main__":
    main()
