"""The user's command: run on the end of a run and on alerts, with its facts, bounded, and without a shell."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from namestui.engine.recording import hook as hooks
from namestui.engine.recording.hook import VARIABLE, Hook, hook_words
from namestui.runs.commands import Stop
from namestui.runs.events import Alert
from namestui.runs.history import History
from namestui.runs.notes import Notes, write_notes
from namestui.runs.store import RunDirectory
from tests.command_line import Call
from tests.fake_engine import EventMaker
from tests.watching import Create, Watch, record_of, until

Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a program of the lines of a shell script, which is the hook from now on."""

    def make(text: str) -> Path:
        path = tmp_path / "my hook.sh"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)
        monkeypatch.setenv(VARIABLE, f"'{path}' first 'the second' '$HOME;ls'")
        return path

    return make


class Staged:
    """A hook of a run without a worker, and what it reports."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self.maker = EventMaker(run.id)
        self.history = History()
        self.reported: list[Alert] = []
        self.hook = Hook(run, self.history, self.reported.append)

    def log(self, *logged: hooks.Logged) -> None:
        for event in logged:
            self.history.apply(event)
            self.hook.after(event)

    def failures(self) -> list[str]:
        self.hook.wait()
        assert {alert.topic for alert in self.reported} <= {"hook"}
        return [alert.message for alert in self.reported]


@pytest.fixture
def staged(create: Create) -> Staged:
    return Staged(create(3))


def facts_in(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if line.startswith("NAMESTUI_"))


def test_it_gets_its_words_and_the_facts_of_the_run(staged: Staged, script: Script, tmp_path: Path) -> None:
    script(f'printf "%s\\n" "$@" > {tmp_path}/words; env > {tmp_path}/$NAMESTUI_EVENT')
    write_notes(staged.run, Notes(name="tues\x1bday"))
    maker = staged.maker
    staged.log(maker.run_started(epochs=3), maker.state("running"), maker.epoch(), maker.epoch())
    assert staged.failures() == []
    assert not list(tmp_path.glob("words"))  # nothing has happened yet
    staged.log(Alert(message="it\0rises", topic="over-fitting", level="warning", epoch=1, run="r", seq=4))
    assert staged.failures() == []
    assert (tmp_path / "words").read_text() == "first\nthe second\n$HOME;ls\n"
    facts = facts_in(tmp_path / "alert")
    assert facts["NAMESTUI_EVENT"] == "alert"
    assert (facts["NAMESTUI_TOPIC"], facts["NAMESTUI_LEVEL"], facts["NAMESTUI_EPOCH"]) == (
        "over-fitting",
        "warning",
        "1",
    )
    assert facts["NAMESTUI_MESSAGE"] == "it\\x00rises"
    assert (facts["NAMESTUI_RUN"], facts["NAMESTUI_RUN_NAME"]) == (staged.run.id, "tues\\x1bday")
    assert (facts["NAMESTUI_MODEL"], facts["NAMESTUI_STATE"]) == ("rnn", "running")
    assert facts["NAMESTUI_RUN_DIR"] == str(staged.run.path)
    assert (facts["NAMESTUI_BEST"], facts["NAMESTUI_TEST"]) == ("0.3600", "")
    staged.log(maker.scored(0.75), maker.state("finished"))
    assert staged.failures() == []
    facts = facts_in(tmp_path / "finished")
    assert (facts["NAMESTUI_TEST"], facts["NAMESTUI_EPOCH"], facts["NAMESTUI_TOPIC"]) == ("0.7500", "2", "")
    assert facts["NAMESTUI_MESSAGE"] == "finished after epoch 2, best validation accuracy 36.0%, test accuracy 75.0%"


def test_a_failure_says_its_reason_and_other_states_run_nothing(staged: Staged, script: Script, tmp_path: Path) -> None:
    script(f"env > {tmp_path}/$NAMESTUI_EVENT")
    maker = staged.maker
    staged.log(*(maker.state(state) for state in ("running", "pausing", "paused", "stopping", "stopped")))
    assert staged.failures() == []
    assert not (tmp_path / "alert").exists()
    staged.log(maker.state("failed", "out of memory"))
    assert staged.failures() == []
    assert sorted(path.name for path in tmp_path.glob("*ed")) == ["failed"]
    assert facts_in(tmp_path / "failed")["NAMESTUI_MESSAGE"] == "out of memory"


def test_without_the_variable_nothing_is_run(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "  "):
        monkeypatch.delenv(VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(VARIABLE, value)
        staged.log(staged.maker.state("finished"))
        assert staged.failures() == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/no/such/program", "the hook cannot be run (No such file or directory): /no/such/program (on failed)"),
        ("sh -c 'exit 3'", "the hook failed with status 3: sh (on failed)"),
        ("a 'b", f"{VARIABLE} cannot be split into words (no closing quotation): a 'b (on failed)"),
    ],
)
def test_why_it_failed_is_logged(
    staged: Staged, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], text: str, reason: str
) -> None:
    monkeypatch.setenv(VARIABLE, text)
    staged.log(staged.maker.state("failed"))
    assert staged.failures() == [reason]
    assert reason.removesuffix(" (on failed)") in capfd.readouterr().err  # which is worker.log


def test_what_hangs_is_killed_with_all_that_it_started(
    staged: Staged, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "PATIENCE", 0.5)
    path = script(f"sleep 1000 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/parent; echo busy; wait")
    staged.log(staged.maker.state("finished"))
    assert staged.failures() == [f"the hook was killed after 0 s: {path} (on finished)"]
    parent, child = (int((tmp_path / name).read_text()) for name in ("parent", "child"))
    until(lambda: is_gone(child), "killed")
    assert is_gone(parent)  # no zombie either


def is_gone(pid: int) -> bool:
    """Whether there is no such process, also none that waits to be asked how it ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z" and int(status.rpartition(")")[2].split()[1]) != os.getpid()


def test_what_it_prints_is_bounded_and_what_it_leaves_in_the_background_holds_nothing_up(
    staged: Staged, script: Script, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script(f"head -c 3000000 /dev/zero | tr '\\0' 'x'; printf '\\033[2J'; sleep 1000 & echo $! > {tmp_path}/child")
    staged.log(staged.maker.state("finished"))
    try:
        assert staged.failures() == []
    finally:
        os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)
    printed = capfd.readouterr().err
    assert 1000 < len(printed) < 3000
    assert "\x1b" not in printed


def test_nothing_of_the_worker_is_handed_on(staged: Staged, script: Script, tmp_path: Path) -> None:
    held = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(held, True)
    script(
        f"ls -l /proc/self/fd > {tmp_path}/open; cat > {tmp_path}/read; pwd > {tmp_path}/cwd; echo $$ > {tmp_path}/pid"
    )
    staged.log(staged.maker.state("finished"))
    assert staged.failures() == []
    os.close(held)
    numbers = {int(line.split()[-3]) for line in (tmp_path / "open").read_text().splitlines() if "->" in line}
    assert numbers <= {0, 1, 2, 3}  # 3 is the folder that ls reads
    assert (tmp_path / "read").read_text() == ""
    assert (tmp_path / "cwd").read_text() == "/\n"


def test_a_flood_of_alerts_starts_few_and_the_end_is_never_left_out(
    staged: Staged, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "MAX_AT_ONCE", 2)
    script(f"echo $NAMESTUI_EVENT >> {tmp_path}/calls; while [ ! -e {tmp_path}/go ]; do sleep .02; done")
    for index in range(50):
        staged.log(staged.maker.alert(f"alert {index}"))
    staged.log(staged.maker.state("finished"))
    until(lambda: len((tmp_path / "calls").read_text().split()) == 3 if (tmp_path / "calls").exists() else 0, "called")
    (tmp_path / "go").touch()
    assert staged.failures() == []
    assert sorted((tmp_path / "calls").read_text().split()) == ["alert", "alert", "finished"]


def test_it_is_not_run_on_its_own_failure(staged: Staged, script: Script, tmp_path: Path) -> None:
    script(f"touch {tmp_path}/called")
    staged.log(Alert(message="the hook failed", topic="hook", run="r", seq=0))
    assert staged.failures() == []
    assert not (tmp_path / "called").exists()


def test_words_are_split_as_a_shell_would_and_no_shell_reads_them() -> None:
    assert hook_words({}) == []
    assert hook_words({VARIABLE: "a 'b c' \"$d\" `e`"}) == ["a", "b c", "$d", "`e`"]
    with pytest.raises(ValueError, match="no closing quotation"):
        hook_words({VARIABLE: '"'})


def test_a_command_line_that_cannot_be_split_is_refused_before_anything_is_trained(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "notify 'me")
    status, printed, error = call("train", "rnn", "--epochs", "1")
    assert (status, printed) == (2, "")
    assert error == "namestui: NAMESTUI_HOOK cannot be split into words (no closing quotation): notify 'me\n"
    assert not list(home.glob("runs/*"))


# With real workers


async def test_a_worker_runs_it_on_alerts_and_at_the_end_and_logs_that_it_failed(
    watch: Watch, create: Create, script: Script, tmp_path: Path
) -> None:
    script(f'env > {tmp_path}/$NAMESTUI_EVENT; [ "$NAMESTUI_EVENT" = finished ] && exit 3; exit 0')
    run = create(10_000, patience=2)
    watch.client.start(run)
    await watch.until_state("finished")
    # THEN it ran, and the record says how it ended, without another call
    failed = await watch.until(Alert, lambda alert: alert.topic == "hook")
    assert "failed with status 3" in failed.message
    assert "(on finished)" in failed.message
    facts = facts_in(tmp_path / "finished")
    assert (facts["NAMESTUI_RUN"], facts["NAMESTUI_STATE"]) == (run.id, "finished")
    assert float(facts["NAMESTUI_TEST"]) > 0
    assert facts_in(tmp_path / "alert")["NAMESTUI_TOPIC"] in ("early-stop", "never-predicted")
    assert record_of(run)[-1].seq == failed.seq
    assert "failed with status 3" in run.log_file.read_text()


async def test_one_that_hangs_holds_up_neither_training_nor_an_order(
    watch: Watch, create: Create, script: Script, tmp_path: Path
) -> None:
    script(f"echo $$ > {tmp_path}/pid; exec sleep 1000")
    run = create(learning_rate=1e-12)  # all classes but one are never predicted
    watch.client.start(run)
    lost = await watch.until(Alert, lambda alert: alert.topic == "never-predicted")
    assert lost.epoch is not None
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "called")
    await watch.until_epoch(lost.epoch + 20)
    watch.client.send(run.id, Stop())
    await watch.until_state("stopped")
    pid = int((tmp_path / "pid").read_text())
    assert not is_gone(pid)
    os.kill(pid, signal.SIGKILL)  # instead of waiting for half a minute
    failed = await watch.until(Alert, lambda alert: alert.topic == "hook")
    assert "failed with status -9" in failed.message


async def test_a_run_that_cannot_be_trained_runs_it_too(
    watch: Watch, create: Create, script: Script, tmp_path: Path
) -> None:
    script(f"sleep .3; env > {tmp_path}/$NAMESTUI_EVENT")
    run = create(3)
    for path in Path(run.config().corpus).iterdir():
        path.unlink()
    watch.client.start(run)
    await watch.until_state("failed")
    # THEN the worker, which ends at once, waits for it
    until(lambda: not run.is_locked(), "ended")
    assert facts_in(tmp_path / "failed")["NAMESTUI_MESSAGE"]


def test_its_output_is_read_whatever_number_the_pipe_has(staged: Staged, script: Script, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        script(f"echo said; touch {tmp_path}/called")
        staged.log(staged.maker.state("finished"))
        assert staged.failures() == []
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (tmp_path / "called").exists()


def test_a_thread_that_cannot_be_started_ends_no_run(
    staged: Staged, script: Script, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    script("exit 3")
    monkeypatch.setattr(threading.Thread, "start", fail)
    staged.log(staged.maker.state("finished"))
    assert staged.failures() == []
    assert "the hook was not run: can't start new thread" in capfd.readouterr().err
