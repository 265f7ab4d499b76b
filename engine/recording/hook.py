"""The user's own command, run when a run finishes, fails or raises an alert: $NAMESTUI_HOOK, without a shell.

It runs in a session of its own and has `PATIENCE` seconds; training waits for it at no time, and a worker that ends for
no longer than that. Nothing of the worker is handed on but its environment: no terminal, no file, no lock.
"""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from namestui.engine.recording.worker_log import note
from namestui.runs.events import Alert, Logged, StateChanged
from namestui.runs.history import History
from namestui.runs.notes import read_notes
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert

VARIABLE = "NAMESTUI_HOOK"
TOPIC = "hook"
"""Of the alerts that say that it failed: those do not run it again."""
PATIENCE = 30.0
"""Seconds after which the command, and all that it has started, is killed."""
MAX_AT_ONCE = 4
"""Alerts that come while so many commands run are left out; the end of a run never is."""
MAX_TEXT = 1000
"""Letters of a variable."""
MAX_OUTPUT = 2000
"""Bytes of what it prints that are kept."""


def hook_words(environment: Mapping[str, str]) -> list[str]:
    """The command and its arguments; empty where there is none.

    Raises:
        ValueError: it cannot be split; the text is one line.
    """
    text = environment.get(VARIABLE, "")
    try:
        return shlex.split(text)
    except ValueError as error:
        message = f"{VARIABLE} cannot be split into words ({str(error).lower()}): {inert(text)[:200]}"
        raise ValueError(message) from None


class Hook:
    """The hook of one run. ``report`` is called from other threads, with an alert to be logged."""

    def __init__(self, run: RunDirectory, history: History, report: Callable[[Alert], object]) -> None:
        self._run = run
        self._history = history
        self._report = report
        self._threads: list[threading.Thread] = []

    def after(self, event: Logged) -> None:
        """Start the command where ``event``, which has just been logged, is something to run it on."""
        if not os.environ.get(VARIABLE) or (facts := self._facts(event)) is None:
            return
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if facts["NAMESTUI_EVENT"] == "alert" and len(self._threads) >= MAX_AT_ONCE:
            note(f"namestui: the hook was not run on an alert: {MAX_AT_ONCE} are still running")
            return
        # Daemons: whatever holds one up, this process can end.
        thread = threading.Thread(target=self._call, args=(facts,), name="hook", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # there are too many processes: that must not end the run
            note(f"namestui: the hook was not run: {error}")
            return
        self._threads.append(thread)

    def wait(self) -> None:
        """Wait for the commands that still run, each for what is left of its time."""
        deadline = time.monotonic() + PATIENCE + 2 * _KILLED_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _facts(self, event: Logged) -> dict[str, str] | None:
        """The variables that the command gets; None where it is not run."""
        match event:
            case StateChanged(state="finished" | "failed" as state):
                about = {"EVENT": state, "MESSAGE": event.reason or self._summary()}
            case Alert() if event.topic != TOPIC:
                about = {"EVENT": "alert", "MESSAGE": event.message, "TOPIC": event.topic, "LEVEL": event.level}
                if event.epoch is not None:
                    about["EPOCH"] = str(event.epoch)
            case _:
                return None
        history = self._history
        test = history.test.accuracy if history.test is not None else None
        facts = {
            "RUN": self._run.id,
            "RUN_NAME": read_notes(self._run).name,
            "MODEL": self._model(),
            "STATE": history.state,
            "EPOCH": str(history.epoch),
            "BEST": _share(history.best_accuracy),
            "TEST": _share(test),
            "TOPIC": "",
            "LEVEL": "",
            **about,
        }
        shown = {f"NAMESTUI_{name}": inert(value)[:MAX_TEXT] for name, value in facts.items()}
        return {**shown, "NAMESTUI_RUN_DIR": str(self._run.path)}

    def _model(self) -> str:
        with contextlib.suppress(RunError):
            return self._run.config().model
        return ""

    def _summary(self) -> str:
        history = self._history
        parts = [
            f"best validation accuracy {history.best_accuracy:.1%}" if history.best_accuracy is not None else "",
            f"test accuracy {history.test.accuracy:.1%}" if history.test is not None else "",
        ]
        return ", ".join([f"finished after epoch {history.epoch}", *filter(None, parts)])

    def _call(self, facts: Mapping[str, str]) -> None:
        """Run the command to its end; in a thread of its own."""
        try:
            words = hook_words(os.environ)
            problem = _run(words, facts) if words else ""
        except ValueError as error:
            problem = str(error)
        if problem:
            note(f"namestui: {problem}")
            self._report(Alert(message=f"{problem} (on {facts['NAMESTUI_EVENT']})", topic=TOPIC))


_KILLED_WITHIN = 2.0


def _run(words: Sequence[str], facts: Mapping[str, str]) -> str:
    """Run a command; what went wrong, in one line, or nothing."""
    name = inert(words[0])[:100]
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env={**os.environ, **facts},
        )
    except (OSError, ValueError) as error:  # a ValueError is a NUL in a word
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"the hook cannot be run ({reason}): {name}"
    assert process.stdout is not None
    with process.stdout as output:
        is_in_time = _read(process, output.fileno(), printed := bytearray())
    if not is_in_time:
        _kill(process)
    if text := inert(printed.decode("utf-8", "replace").strip().replace("\n", " / ")):
        note(f"namestui: the hook {name} printed: {text}")
    if not is_in_time:
        return f"the hook was killed after {PATIENCE:.0f} s: {name}"
    return f"the hook failed with status {process.returncode}: {name}" if process.returncode else ""


def _read(process: subprocess.Popen[bytes], output: int, printed: bytearray) -> bool:
    """Wait until ``process`` ends, and keep the beginning of what it prints; False where it takes too long.

    What it has left in the background may hold the pipe for as long as it likes.
    """
    deadline, is_open = time.monotonic() + PATIENCE, True
    os.set_blocking(output, False)
    readable = select.poll()  # not select: of a thousand clients its number may be too high
    readable.register(output, select.POLLIN)
    while True:
        has_ended = process.poll() is not None
        if is_open and readable.poll(0 if has_ended else 50):
            data = os.read(output, 65536)
            is_open = bool(data)
            printed += data[: MAX_OUTPUT - len(printed)]
        elif not is_open and not has_ended:
            time.sleep(0.05)
        if has_ended:
            return True
        if time.monotonic() > deadline:
            return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it and what it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # its group is gone; it is another user's by now
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the kernel
        process.wait(_KILLED_WITHIN)


def _share(value: float | None) -> str:
    """An accuracy from 0 to 1; empty where there is none."""
    return "" if value is None else f"{value:.4f}"
