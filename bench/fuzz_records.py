"""Damage the files of runs in every way, and have everything that reads them read them.

    python -m bench.fuzz_records [--seconds 600] [--seed 0]

A home has runs in several states; one at a time is damaged (``bench/record_damage.py``) and then listed, followed,
asked, explained, evaluated, resumed, shown on the screen and, now and then, trained on by a real worker. Each command
ends in time with status 0, 1 or 2 and no traceback; the other runs are listed and answer as before; nothing outside
the home is changed. Exit status 1 where that does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self
from unittest.mock import patch

import msgspec
from typer.testing import CliRunner

from bench.fault_lab import Lab
from bench.record_damage import DAMAGES, failing
from namestui.engine.link import launch
from namestui.runs.notes import Notes, write_notes
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunDirectory
from namestui.tui.cli.app import app
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.screen.app import NamesApp
from namestui.tui.widgets.run_table import RunTable

DEADLINE = 30
"""Seconds after which a command counts as hanging; none takes one on a quiet machine."""
FAILING = 0.2
"""Share of rounds in which the system refuses a file, instead of the file being damaged."""

SCREEN = 0.1
"""Share of rounds in which the screen is opened, too."""
WORKER = 0.1
"""Share of rounds in which a real worker resumes the damaged run."""


class HangsError(BaseException):
    """A command has not ended in time; not to be caught by what is called."""


class Fuzz:
    """A home of sound runs, and what is found wrong with how damaged ones are read, a line each in ``problems``."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.rounds = self.commands = 0
        self.problems: list[str] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="records-")))
        self._lab = self._stack.enter_context(Lab(home=folder / "home"))
        self._outside = folder / "outside"
        self._outside.mkdir()
        (self._outside / "file").write_bytes(b'{"kind":"untouched"}\n')
        self._stack.enter_context(
            patch.dict(os.environ, {"NAMESTUI_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"})
        )
        self._runs = self._make_runs()
        self._kept = folder / "kept"
        for run in self._runs:
            (run.path / "socket").unlink(missing_ok=True)
        shutil.copytree(self._lab.store.runs, self._kept, symlinks=True)
        self._sound_rows = self._rows()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _make_runs(self) -> list[RunDirectory]:
        """Finished ones of two models, one that was killed, one that was stopped, one that was never started."""
        lab = self._lab
        finished = [lab.create(3, model) for model in ("rnn", "lstm")]
        for run in finished:
            lab.finish(run)
        write_notes(finished[0], Notes(name="first", tags=["a"]))
        killed = lab.create(6, "rnn")
        lab.zygote.wait(lab.start(killed, fault="half_a_matrix", at=4, save_after=0.0))
        return [*finished, killed, lab.create(3, "gru")]

    # A round

    def round(self) -> None:
        """Damage one run in one way and try everything on it."""
        self.rounds += 1
        victim = self.draw.choice(self._runs)
        with self._damaged(victim) as what:
            for arguments in self._commands_for(victim):
                self._try(what, arguments)
            if self.draw.random() < SCREEN:
                self._try_screen(what)
            if "flock" not in what and self.draw.random() < WORKER:
                self._try_worker(what, victim)
        if (self._outside / "file").read_bytes() != b'{"kind":"untouched"}\n' or len(list(self._outside.iterdir())) > 1:
            self.problems.append(f"{what}: something outside was written")

    @contextmanager
    def _damaged(self, victim: RunDirectory) -> Iterator[str]:
        try:
            if self.draw.random() < FAILING:
                with failing(self.draw, victim.path) as what:
                    yield f"{victim.id}: {what}"
            else:
                what = self.draw.choice(DAMAGES)(self.draw, victim.path, self._outside)
                yield f"{victim.id}: {what}"
        finally:
            for run in self._lab.store.all():
                shutil.rmtree(run.path, ignore_errors=True)
            for run in self._runs:
                run.path.unlink(missing_ok=True)
                shutil.copytree(self._kept / run.id, run.path, symlinks=True)

    def _commands_for(self, victim: RunDirectory) -> list[list[str]]:
        sound = self.draw.choice([run for run in self._runs[:2] if run.id != victim.id])
        v, s = victim.id, sound.id
        some = [
            ["follow", v],
            ["follow", v, "--json"],
            ["follow", s],
            ["predict", "Rossi", "--run", v],
            ["predict", "Rossi", "--run", v, "--letters", "--json"],
            ["predict", "Rossi", "--run", s],
            ["predict", "Rossi"],
            ["explain", v, s],
            ["explain", s, v],
            ["evaluate", v],
            ["evaluate", v, "--json"],
            ["evaluate", v, "--corpus", str(self._lab.corpus)],
            ["evaluate", s],
            ["evaluate", "last"],
            ["resume", v],
            ["resume", v, "--take-over"],
            ["extend", v, "3"],
            ["stop", v],
            ["pause", v],
            ["train", "rnn", "--init-from", v, "--epochs", "1", "--corpus", str(self._lab.corpus), "--detach"],
            ["resume", "first"],
        ]
        return [["runs"], ["runs", "--json"], *self.draw.sample(some, 6)]

    def _try(self, what: str, arguments: list[str]) -> None:
        self.commands += 1
        attempt = f"{what}: {' '.join(arguments)}"
        try:
            with _limited(), _no_worker():
                result = CliRunner().invoke(app, arguments)
        except HangsError:
            self.problems.append(f"{attempt}: did not end in {DEADLINE} s: {_where()}")
            return
        output = result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            self.problems.append(f"{attempt}: {_last_line(result.exception)}")
        elif result.exit_code not in (0, 1, 2):
            self.problems.append(f"{attempt}: exit status {result.exit_code}")
        elif "Traceback" in output or "error: None" in output:
            self.problems.append(f"{attempt}: {output[-300:]!r}")
        elif result.exit_code == 2 and output.count("\n") > 3:
            self.problems.append(f"{attempt}: not one line: {output[:300]!r}")
        elif "\x1b" in output.replace("\x1b[", "", 0) and "follow" not in arguments:
            self.problems.append(f"{attempt}: an escape on the terminal")
        if arguments == ["runs", "--json"] and result.exit_code == 0:
            self._compare_rows(attempt, output)
        elif arguments[0] == "runs" and result.exit_code != 0:
            self.problems.append(f"{attempt}: {output[-300:]!r}")
        if arguments[1:2] and any(run.id in arguments and run.id not in what for run in self._runs[:2]):
            alone = arguments[0] in ("follow", "evaluate", "predict")
            if alone and result.exit_code != 0:
                self.problems.append(f"{attempt}: a sound run does not answer: {output[-300:]!r}")

    def _rows(self) -> dict[str, dict[str, object]]:
        output = CliRunner().invoke(app, ["runs", "--json"]).output
        rows = [msgspec.json.decode(line, type=dict[str, object]) for line in output.splitlines()]
        return {
            str(row["run"]): {key: row[key] for key in ("state", "epoch", "epochs", "error", "name")} for row in rows
        }

    def _compare_rows(self, attempt: str, output: str) -> None:
        found = {}
        for line in output.splitlines():
            row = msgspec.json.decode(line, type=dict[str, object])
            found[str(row["run"])] = {key: row[key] for key in ("state", "epoch", "epochs", "error", "name")}
        for run_id, row in self._sound_rows.items():
            if run_id not in found:
                self.problems.append(f"{attempt}: {run_id} is not listed")
            elif run_id not in attempt and found[run_id] != row:
                self.problems.append(f"{attempt}: a sound run is {found[run_id]}")

    def _try_screen(self, what: str) -> None:
        """Open the screen with the damaged run among the tabs, and the list of all runs."""
        self.commands += 1
        self._lab.store.write_session(ScreenSession(runs=[run.id for run in self._runs]))
        try:
            with _limited(), _no_worker():
                asyncio.run(self._show(what))
        except HangsError:
            self.problems.append(f"{what}: the screen did not end in {DEADLINE} s: {_where()}")
        except Exception as error:
            self.problems.append(f"{what}: the screen: {_last_line(error)}")

    def _try_worker(self, what: str, victim: RunDirectory) -> None:
        """Resume the damaged run by a worker, which ends by itself, and says what is wrong without a traceback."""
        self.commands += 1
        pid = self._lab.start(victim)
        deadline = time.monotonic() + 2 * DEADLINE
        while (alive := _is_alive(pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if alive:
            os.kill(pid, signal.SIGKILL)
            self.problems.append(f"{what}: a worker did not end in {2 * DEADLINE} s")
        status = self._lab.zygote.wait(pid)
        if status not in (0, 1) and not alive:
            self.problems.append(f"{what}: a worker ended with status {status}")
        if any("Traceback" in line for line in victim.log_tail(50)):
            self.problems.append(f"{what}: a worker: {victim.log_tail(3)}")

    async def _show(self, what: str) -> None:
        screen = NamesApp(self._lab.store)
        async with screen.run_test(size=(120, 40)) as pilot:
            await _until(screen, lambda: screen.main is not None)
            await pilot.press("m", "o")
            await _until(screen, lambda: isinstance(screen.screen, AllRuns) and _listed(screen) > 0)
            if (rows := _listed(screen)) != len(self._runs):
                self.problems.append(f"{what}: {rows} runs in the list")
            await pilot.press("escape", *"]]]", "question_mark")
            await pilot.pause()
            screen.exit(0)


def _is_alive(pid: int) -> bool:
    """Whether a process has not ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except FileNotFoundError:
        return False


def _listed(screen: NamesApp) -> int:
    """Rows of the list of runs; none before it has been built."""
    return sum(len(table.run_ids) for table in screen.screen.query(RunTable))


async def _until(screen: NamesApp, holds: Callable[[], bool]) -> None:
    """Wait until it holds; an error ends the screen, which then raises it."""
    while screen.is_running and not holds():
        await asyncio.sleep(0.02)


@contextmanager
def _limited() -> Iterator[None]:
    """Raise HangsError in what takes too long, wherever it waits."""

    def late(_number: int, frame: FrameType | None) -> None:
        _late[:] = traceback.format_stack(frame)[-6:]
        raise HangsError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(DEADLINE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


_late: list[str] = []


def _where() -> str:
    return " < ".join(line.strip().replace("\n", ":") for line in reversed(_late))


@contextmanager
def _no_worker() -> Iterator[None]:
    """No process is started: what would start one gets the error of a system without free processes."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    with patch.object(launch, "_spawn", refuse):
        yield


def _last_line(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return f"{type(error).__name__}: {str(error)[:150]!r} at " + " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)
    )


def main() -> int:
    """Fuzz for some time; a line for each thing that does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with Fuzz(options.seed) as fuzz:
        end, shown = time.monotonic() + options.seconds, 0
        while time.monotonic() < end:
            fuzz.round()
            for problem in fuzz.problems[shown:]:
                print(problem, flush=True)
            shown = len(fuzz.problems)
    print(f"{fuzz.rounds} damaged runs, {fuzz.commands} commands, {len(fuzz.problems)} problems")
    return 1 if fuzz.problems else 0


if __name__ == "__main__":
    sys.exit(main())
