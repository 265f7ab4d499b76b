"""A program in a real pseudo-terminal, its screen kept as cells, everything polled with deadlines."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

import pyte

PATIENCE = 60.0
"""Seconds to wait for anything: a busy machine takes its time to load torch."""


class PseudoTerminal:
    """Runs ``command`` at 120x40; ``output`` is every byte it wrote."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 120, rows: int = 40) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            # With an environment of our own: readline, where it is loaded, puts COLUMNS and LINES into C's.
            terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvpe(command[0], command, {**os.environ, **terminal, **environment})
        self._status: int | None = None

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self.descriptor, text.encode())

    def send(self, data: bytes) -> None:
        """Send these bytes in one write, as a paste or a slow link does."""
        os.write(self.descriptor, data)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.screen.resize(rows, columns)
        termios.tcsetwinsize(self.descriptor, (rows, columns))

    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float = 0.02) -> None:
        """Take in what the program writes within ``seconds``."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the program has closed its side
            time.sleep(seconds)
            return
        self.output += data
        self._stream.feed(data)
        if b"\x1b[c" in data:
            self.type("\x1b[?62;c")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read on until the screen matches; the match."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.text()):
                return found
            self.read()
        raise AssertionError(f"{pattern!r} did not come; the screen:\n{self.text()}")

    def wait_for_end(self) -> int:
        """Read on until the program ends; its exit status, or minus the signal that ended it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.read()
            if (status := self.poll()) is not None:
                for _ in range(5):
                    self.read()
                return status
        raise AssertionError(f"it did not end; the screen:\n{self.text()}")

    def poll(self) -> int | None:
        """The exit status once there is one."""
        if self._status is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if done else None
        return self._status

    def close(self) -> None:
        """Make an end of it, whatever state it is in."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._status = -signal.SIGKILL
        os.close(self.descriptor)


def kill_workers(home: Path) -> None:
    """Kill every worker below ``home`` that still lives."""
    for file in home.glob("runs/*/worker.json"):
        found = re.search(rb'"pid":(\d+)', file.read_bytes())
        if found is None:
            continue
        pid = int(found[1])
        try:
            if pid > 1 and file.parent.name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue
