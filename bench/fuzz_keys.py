"""The real screen on a real pseudo-terminal under random input: it never fails, and it can always be ended."""

from __future__ import annotations

import argparse
import os
import pty
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import job_shell
from bench.fuzz_input import Resize, steps
from bench.homes import end_worker
from namestui.runs.store import RunStore

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
SESSION_SECONDS = 12.0
"""A screen that nothing has ended by then is ended, so that every kind of start has its turn."""
PATIENCE = 30.0
"""Seconds that a screen may take to begin, or to end once it is asked to."""
INTERRUPTED = {130, 253, 254}
"""ctrl+c and ctrl+\\ while the terminal, not the screen, reads them: before it begins, and while it is stopped."""
KEPT = 40
"""Of what came before a failure, this many writes are shown."""
SYLLABLES = {
    "Abban": ("ab", "ban", "da", "bad"),
    "Kirik": ("ki", "rik", "il", "kik"),
    "Sumo": ("su", "mo", "uno", "som"),
}


@dataclass
class Report:
    """What a fuzz found: every failure with what was typed before it."""

    seed: int
    sessions: int = 0
    writes: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One line, then the failures."""
        head = (
            f"seed {self.seed}: {self.sessions} screens, {self.writes} writes in {self.seconds:.0f} s, "
            f"{len(self.failures)} failures"
        )
        return "\n\n".join((head, *self.failures))


class Session:
    """One screen, from its start to its end."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        self._home = home
        self.output = bytearray()
        self.typed: deque[bytes | Resize] = deque(maxlen=KEPT)
        shell = [sys.executable, job_shell.__file__, *command]
        environment = {**os.environ, "TERM": "xterm-256color", "NAMESTUI_HOME": str(home), "OMP_NUM_THREADS": "1"}
        environment.pop("STY", None)
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            termios.tcsetwinsize(0, (40, 120))
            os.execve(shell[0], shell, environment)
        os.set_blocking(self._terminal, False)
        self.status: int | None = None

    def drain(self, seconds: float) -> None:
        """Read for so long; bring the screen back where it has stopped."""
        deadline = time.monotonic() + seconds
        while self.status is None:
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                break
            try:
                data = os.read(self._terminal, 1 << 16)
            except OSError:  # all its ends are closed
                break
            self.output = (self.output + data)[-200_000:]
            if job_shell.STOPPED.encode() in data:
                os.write(self._terminal, b"\n")
        done, status = os.waitpid(self.pid, os.WNOHANG) if self.status is None else (0, 0)
        if done:
            self.status = os.waitstatus_to_exitcode(status)

    def type(self, step: bytes | Resize) -> None:
        """Type, or change the size."""
        self.typed.append(step)
        if isinstance(step, Resize):
            termios.tcsetwinsize(self._terminal, (step.rows, step.columns))
            return
        left = memoryview(step)
        while left and self.status is None:
            try:
                left = left[os.write(self._terminal, left) :]
            except BlockingIOError:
                self.drain(0.01)
            except OSError:
                return

    def begun(self) -> bool:
        """Wait for the first frame."""
        deadline = time.monotonic() + PATIENCE
        while b"namestui" not in self.output and self.status is None and time.monotonic() < deadline:
            self.drain(0.02)
        return b"namestui" in self.output

    def end(self) -> str:
        """End it if it has not ended; what is wrong, if anything."""
        ended_by_us = self.status is None
        if ended_by_us:
            for pid in self._jobs():
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self.status is None and time.monotonic() < deadline:
            self.drain(0.02)
        # Caught by the screen, or, before it begins and while it is stopped, not.
        wrong = self._wrong({128 + signal.SIGTERM, 256 - signal.SIGTERM} if ended_by_us else set())
        if self.status is None:
            for pid in (*self._jobs(), self.pid):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return wrong

    def _wrong(self, expected: set[int]) -> str:
        log = self._home / "screen.log"
        if log.exists():
            what = log.read_text(encoding="utf-8")
        elif b"Traceback" in self.output or b"rror:" in self.output[-2000:]:
            what = self.output[-4000:].decode("utf-8", "replace")
        elif self.status is None:
            what = "it does not end"
        elif self.status not in {0, *expected, *INTERRUPTED}:
            what = f"exit status {self.status}\n{self.output[-1000:]!r}"
        else:
            return ""
        return f"{what}\nafter: {list(self.typed)}"

    def _jobs(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []


@contextmanager
def prepared_home() -> Iterator[tuple[Path, str]]:
    """A folder with a home that holds one trained RNN, the corpus beside it; and that run's id."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        corpus = folder / "corpus"
        corpus.mkdir()
        for label, syllables in SYLLABLES.items():
            draw = random.Random(label)
            names = {"".join(draw.choice(syllables) for _ in range(draw.randint(1, 4))).capitalize() for _ in range(60)}
            (corpus / f"{label}.txt").write_text("\n".join(sorted(names)), encoding="utf-8")
        command = [*NAMESTUI, "train", "rnn", "--epochs", "3", "--corpus", str(corpus), "--json"]
        environment = {**os.environ, "NAMESTUI_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
        (run,) = RunStore(folder / "home").all()
        end_worker(run)
        yield folder, run.id
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fuzz(seconds: float, seed: int) -> Report:
    """Fuzz for so long, or until ten failures are known."""
    report, began = Report(seed), time.monotonic()
    with prepared_home() as (folder, run_id):
        began = time.monotonic()
        starts: tuple[list[str], ...] = (
            ["attach", run_id],
            ["new", "rnn", "ngram", "--epochs", "100000", "--corpus", str(folder / "corpus")],
            [],
            ["replay", run_id, "--speed", "5"],
        )
        while time.monotonic() < began + seconds and len(report.failures) < 10:
            home = folder / f"home-{report.sessions}"
            shutil.copytree(folder / "home", home, ignore=shutil.ignore_patterns("socket"))
            arguments = starts[report.sessions % len(starts)]
            wrong = _session(report, [*NAMESTUI, *arguments], home, began + seconds)
            for run in RunStore(home).all():
                end_worker(run, patience=0.0)
            shutil.rmtree(home, ignore_errors=True)
            if wrong:
                report.failures.append(f"namestui {' '.join(arguments)} (screen {report.sessions}):\n{wrong}")
                print(report.failures[-1], file=sys.stderr, flush=True)
    report.seconds = time.monotonic() - began
    return report


def _session(report: Report, command: list[str], home: Path, until: float) -> str:
    """Run one screen under input of its own; what was wrong."""
    session = Session(command, home)
    draw = steps(hash((report.seed, report.sessions)))
    pause = random.Random(report.seed + report.sessions)
    report.sessions += 1
    if session.begun():
        deadline = min(time.monotonic() + SESSION_SECONDS, until)
        while session.status is None and time.monotonic() < deadline:
            session.type(next(draw))
            report.writes += 1
            session.drain(pause.choice((0.0, 0.005, 0.02, 0.1)))
    return session.end()


def main() -> None:
    """Fuzz, print what was found, and fail where there was anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="drawn and printed if not given")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    report = fuzz(arguments.seconds, seed)
    print(report)
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
