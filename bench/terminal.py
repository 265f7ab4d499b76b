"""A program on a real pseudo-terminal of 120x40, everything it writes kept with the time it was written."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

COLUMNS, ROWS = 120, 40
_DOTS = re.compile(rb"\xe2(?:[\xa1-\xa3][\x80-\xbf]|\xa0[\x81-\xbf])")
"""A cell of braille with at least one dot, in UTF-8."""
_ASKS_SYNC, _HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Textual asks whether frames can be synchronised; a modern terminal says yes."""


class Terminal:
    """Runs ``command`` from entry to exit of the ``with`` block; seconds count from just before the process starts."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._chunks: list[tuple[float, bytes]] = []
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (ROWS, COLUMNS))
        settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, **settings, **environment},
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)
        os.close(self._master)

    def wait_for(self, *texts: str, timeout: float = 60.0) -> float:
        """Seconds from the start until the write that completed one of ``texts`` arrived.

        Raises:
            TimeoutError: it did not; the message holds the last of what was written.
        """
        wanted, seen, taken = [text.encode() for text in texts], b"", 0
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            with self._lock:
                fresh = self._chunks[taken:]
            taken += len(fresh)
            for moment, data in fresh:
                seen += data
                if any(text in seen for text in wanted):
                    return moment - self.started
            if self.process.poll() is not None and not fresh:
                break
            time.sleep(0.005)
        raise TimeoutError(f"{' or '.join(texts)} was not written within {timeout} s; last: {seen[-800:]!r}")

    def wait_for_dots(self, cells: int = 30, timeout: float = 60.0) -> float:
        """Seconds from the start until so many cells of braille were written: a chart, rather than a spinning sign.

        Raises:
            TimeoutError: they were not.
        """
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            count = 0
            with self._lock:
                chunks = list(self._chunks)
            for moment, data in chunks:
                count += len(_DOTS.findall(data))
                if count >= cells:
                    return moment - self.started
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise TimeoutError(f"no chart was written within {timeout} s")

    def answer(self, keys: str, text: str, timeout: float = 10.0) -> float:
        """Seconds from typing ``keys`` until ``text`` was written after that.

        Raises:
            TimeoutError: it was not.
        """
        with self._lock:
            taken = len(self._chunks)
        typed, seen = time.perf_counter(), b""
        self.send(keys)
        while time.perf_counter() < typed + timeout:
            with self._lock:
                fresh = self._chunks[taken:]
            taken += len(fresh)
            for moment, data in fresh:
                seen += data
                if text.encode() in seen:
                    return moment - typed
            time.sleep(0.001)
        raise TimeoutError(f"{text!r} was not written within {timeout} s of {keys!r}")

    def processor_seconds(self) -> float:
        """Processor time so far, of the program and of all that it has started."""
        return sum(one.cpu_times().user + one.cpu_times().system for one in self._all())

    def memory_of_all(self) -> float:
        """Resident MB of the program and of all that it has started."""
        return sum(one.memory_info().rss for one in self._all()) / 1e6

    def _all(self) -> list[psutil.Process]:
        program = psutil.Process(self.process.pid)
        return [program, *program.children(recursive=True)]

    def bytes_written(self, seconds: float) -> float:
        """Bytes a second that the program writes in the next ``seconds``."""
        with self._lock:
            before = len(self._chunks)
        time.sleep(seconds)
        with self._lock:
            return sum(len(data) for _, data in self._chunks[before:]) / seconds

    def send(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._master, keys.encode())

    def memory(self) -> tuple[float, float | None]:
        """Resident and proportional set size of the program in MB; None where the kernel does not say (not Linux)."""
        sizes: dict[str, float] = {}
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in ("Rss", "Pss"):
                    sizes[name] = int(rest.split()[0]) * 1024 / 1e6
        if "Rss" not in sizes:
            return psutil.Process(self.process.pid).memory_info().rss / 1e6, None
        return sizes["Rss"], sizes["Pss"]

    def _read(self) -> None:
        while True:
            select.select([self._master], [], [], 1.0)
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # the program has left its terminal
                return
            moment = time.perf_counter()
            if not data:
                return
            with self._lock:
                self._chunks.append((moment, data))
            if _ASKS_SYNC in data:
                os.write(self._master, _HAS_SYNC)
