"""``namestui train`` in a process of its own, with a pipe where a terminal would be, and real workers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from namestui.runs import events
from namestui.runs.events import LoggedEvent, RunStarted, StateChanged
from namestui.runs.store import RunDirectory, RunStore
from tests.watching import LONG, PATIENCE, epochs_of, pid_of, record_of, state_of, states_of, until

Process = subprocess.Popen[str]
Start = Callable[..., Process]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:  # noqa: ARG001 - for NAMESTUI_HOME, and so that its workers end after us
    """Starts ``namestui ARGUMENTS``; whatever still runs at the end is killed."""
    processes: list[Process] = []

    def begin(*arguments: str, **environment: str) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "namestui.tui", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def train(start: Start, small_corpus: Path) -> Start:
    """Starts ``namestui train ARGUMENTS`` on the small corpus."""
    return lambda *arguments, **environment: start("train", *arguments, "--corpus", str(small_corpus), **environment)


def ended(process: Process) -> tuple[int, str, str]:
    """Exit status, stdout, stderr."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def first_epoch(process: Process) -> str:
    """Read stdout up to the first epoch; that line."""
    assert process.stdout is not None
    for line in process.stdout:
        if " epoch " in line:
            return line
    raise AssertionError(f"no epoch: {process.communicate()[1]}")


def assert_trains_on(run: RunDirectory) -> None:
    before = len(epochs_of(run))
    until(lambda: len(epochs_of(run)) > before, "another epoch")
    assert run.is_locked()


def test_a_line_an_epoch(train: Start, store: RunStore) -> None:
    status, out, err = ended(train("rnn", "lstm", "--epochs", "3"))
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert "\r" not in out
    for title in ("RNN ", "LSTM"):
        lines = [line for line in out.splitlines() if line.startswith(f"{title}  ")]
        epochs = [int(found[1]) for line in lines if (found := re.search(r"  epoch +(\d+)/3  loss train +\d", line))]
        assert epochs == [1, 2, 3]
        assert any("test accuracy" in line for line in lines)
        assert lines[-1] == f"{title}  finished"
    assert [state_of(run) for run in store.all()] == ["finished", "finished"]


def test_json_prints_the_logged_events_alone(train: Start, store: RunStore) -> None:
    status, out, err = ended(train("rnn", "gru", "--epochs", "3", "--json"))
    assert (status, err) == (0, "")
    told = [events.decode(line.encode()) for line in out.splitlines()]
    assert all(isinstance(event, LoggedEvent) for event in told)
    for run in store.all():
        assert [event for event in told if event.run == run.id] == record_of(run)
        assert [event.seq for event in record_of(run)] == list(range(len(record_of(run))))
    assert {event.run for event in told} == {run.id for run in store.all()}
    assert len(store.all()) == 2


def test_one_after_another(train: Start, store: RunStore) -> None:
    status, _, err = ended(train("rnn", "ngram", "--epochs", "2", "--jobs", "1"))
    assert (status, err) == (0, "")
    first, second = sorted((record_of(run) for run in store.all()), key=lambda record: record[0].time)
    assert isinstance(first[-1], StateChanged)
    assert (first[-1].state, first[0].run.split("-")[2]) == ("finished", "rnn")
    assert isinstance(second[0], RunStarted)
    assert second[0].time >= first[-1].time


def test_folds_end_with_mean_interval_and_paired_difference(train: Start, store: RunStore) -> None:
    status, out, err = ended(train("rnn", "ngram", "--epochs", "2", "--folds", "3", "--seed", "4"))
    assert (status, err) == (0, "")
    assert sorted(run.config().split_seed for run in store.all()) == [4, 4, 5, 5, 6, 6]
    seeds, heads, rnn, ngram = out.splitlines()[-4:]
    assert seeds == "split seeds 4, 5, 6; mean and 95 % interval"
    assert "minus n-gram, points" in heads
    scored = [event for run in store.all() for event in record_of(run) if isinstance(event, events.TestScored)]
    by_model = {model: [event.accuracy for event in scored if f"-{model}-" in event.run] for model in ("rnn", "ngram")}
    for model, line in (("rnn", rnn), ("ngram", ngram)):
        assert f"3 of 3  {100 * sum(by_model[model]) / 3:.1f} % (" in line
    difference = 100 * (sum(by_model["rnn"]) - sum(by_model["ngram"])) / 3
    assert f"{difference:+.2f} (" in rnn
    assert ngram.rstrip().endswith(")")


def test_folds_as_json(train: Start) -> None:
    status, out, err = ended(train("rnn", "--epochs", "1", "--folds", "2", "--json"))
    assert (status, err) == (0, "")
    last = json.loads(out.splitlines()[-1])
    assert (last["kind"], last["planned"]) == ("folds", 2)
    (score,) = last["scores"]
    assert (score["model"], score["folds"], score["seeds"], score["minus"]) == ("rnn", 2, [0, 1], None)
    assert score["accuracy"]["low"] < score["accuracy"]["mean"] < score["accuracy"]["high"]


def test_ctrl_c_saves_stops_and_says_how_to_resume(start: Start, train: Start, store: RunStore) -> None:
    process = train("rnn", "--epochs", "300")
    first_epoch(process)
    process.send_signal(signal.SIGINT)
    status, _, err = ended(process)
    (run,) = store.all()
    assert (status, err) == (130, f"namestui: {run.id} stopped; resume it with: namestui resume {run.id}\n")
    assert run.last_checkpoint.exists()
    assert states_of(run) == ["running", "stopping", "stopped"]
    stopped_at = len(epochs_of(run))
    assert 0 < stopped_at < 300
    # WHEN that is done, it trains the rest, each epoch once
    assert ended(start("resume", run.id)) == (0, f"{run.id} has resumed; watch it with: namestui attach {run.id}\n", "")
    assert ended(start("follow", run.id))[0] == 0
    assert states_of(run)[3:] == ["starting", "running", "finished"]
    assert [event.epoch for event in epochs_of(run)] == list(range(1, 301))


def test_ctrl_c_while_one_starts_and_one_waits(train: Start, store: RunStore) -> None:
    process = train("rnn", "lstm", "--epochs", str(LONG), "--jobs", "1")
    until(lambda: any(run.is_locked() for run in store.all()), "begun")
    process.send_signal(signal.SIGINT)
    status, _, err = ended(process)
    assert status == 130
    assert "Traceback" not in err
    # THEN what has begun is stopped, what has not is not begun, and both can be gone on with
    rnn, lstm = sorted(store.all(), key=lambda run: run.id.split("-")[2], reverse=True)
    assert state_of(rnn) == "stopped"
    assert not lstm.events_file.exists()
    assert err.splitlines() == [
        f"namestui: {rnn.id} stopped; resume it with: namestui resume {rnn.id}",
        f"namestui: {lstm.id} not started; start it with: namestui resume {lstm.id}",
    ]


def test_a_second_ctrl_c_does_not_wait(train: Start, store: RunStore) -> None:
    # GIVEN a worker that cannot answer now
    process = train("rnn", "--epochs", str(LONG))
    first_epoch(process)
    (run,) = store.all()
    worker = pid_of(run)
    os.kill(worker, signal.SIGSTOP)
    # WHEN Ctrl-C is pressed until it helps (signals that come at once are one)
    until(lambda: process.poll() is not None or process.send_signal(signal.SIGINT), "left")
    status, _, err = ended(process)
    assert status == -signal.SIGINT  # which a shell shows as 130
    assert f"resume it with: namestui resume {run.id}" in err
    assert "Traceback" not in err
    # THEN the worker still does what the first asked for
    os.kill(worker, signal.SIGCONT)
    until(lambda: not run.is_locked(), "stopped")
    assert state_of(run) == "stopped"
    assert run.last_checkpoint.exists()


def test_a_worker_that_fails(train: Start, store: RunStore, tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text("import sys\nsys.modules['namestui.engine.worker.first_event'] = None\n")
    status, out, err = ended(train("rnn", "--epochs", "3", PYTHONPATH=str(modules)))
    (run,) = store.all()
    assert (status, err) == (1, "")
    assert re.search(r"^RNN   failed: ModuleNotFoundError: .*first_event", out, re.MULTILINE)
    assert re.search(r"^RNN   worker.log: ModuleNotFoundError", out, re.MULTILINE)
    assert state_of(run) == "failed"


def test_a_worker_that_is_killed(train: Start, store: RunStore) -> None:
    process = train("rnn", "--epochs", str(LONG))
    first_epoch(process)
    (run,) = store.all()
    os.kill(pid_of(run), signal.SIGKILL)
    status, out, err = ended(process)
    assert (status, err) == (1, "")
    assert "RNN   interrupted: the worker was killed by signal 9\n" in out
    assert state_of(run) == "interrupted"


def test_readers_that_leave(start: Start, train: Start, store: RunStore) -> None:
    begin = [lambda: train("rnn", "--epochs", str(LONG)), lambda: start("follow"), lambda: start("follow", "--json")]
    for begun in begin:
        process = begun()
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(PATIENCE) == 1
        (run,) = store.all()
        assert_trains_on(run)


def test_a_hang_up_leaves_the_runs_training(train: Start, store: RunStore) -> None:
    process = train("rnn", "--epochs", str(LONG))
    first_epoch(process)
    process.send_signal(signal.SIGHUP)
    status, _, err = ended(process)
    assert (status, err) == (-signal.SIGHUP, "")
    (run,) = store.all()
    assert_trains_on(run)
    assert states_of(run) == ["running"]


def test_detached(train: Start, store: RunStore) -> None:
    status, out, err = ended(train("rnn", "lstm", "--epochs", str(LONG), "--detach"))
    runs = store.all()
    assert (status, err) == (0, "")
    assert out.splitlines() == [run.id for run in runs]
    assert all(run.is_locked() for run in runs)
    assert [epochs_of(run) for run in runs] == [[], []]  # torch alone takes longer than that
    for run in runs:
        assert_trains_on(run)
    status, out, err = ended(train("rnn", "--epochs", str(LONG), "--detach", "--json"))
    assert (status, err) == (0, "")
    assert store.get(json.loads(out)["run"]).is_locked()


def test_a_run_that_pauses_itself_holds_nobody_up(train: Start, store: RunStore) -> None:
    # GIVEN two runs, one after the other, whose losses are soon not finite
    blown_up = ("--set", "learning_rate=1000", "--set", "weight_decay=1000")
    status, out, err = ended(train("rnn", "gru", "--jobs", "1", "--epochs", "9", *blown_up))
    # THEN both were tried, each says why and how to go on, and no worker is left
    assert status == 1
    for run in store.all():
        assert states_of(run)[-1] == "stopped"
        until(lambda run=run: not run.is_locked(), "freed")  # type: ignore[misc]
        line = next(line for line in err.splitlines() if run.id in line)
        assert line.startswith(f"namestui: {run.id} paused itself: the loss is not finite at epoch ")
        assert f"namestui resume {run.id}" in line
    assert len(store.all()) == 2
    assert out.count("not finite") >= 2


def test_pretraining_says_whose_epochs_are_meant(train: Start) -> None:
    process = train("rnn", "--epochs", "2", "--pretrain", "bundled")
    assert process.stdout is not None
    for line in process.stdout:
        if "epochs" in line:
            break
    process.send_signal(signal.SIGINT)
    assert line == "corpus: pretraining trains the 20 epochs of its recipe; --epochs 2 is for what comes after\n"
    process.communicate()
