"""The commands for runs that are there: list, follow, steer, ask, remove; the workers are real, no terminal is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from namestui.engine.link.launch import launch
from namestui.runs import events
from namestui.runs.notes import Notes, write_notes
from namestui.runs.store import RunDirectory, RunStore
from namestui.runs.summary import summarise
from namestui.tui.cli import checks
from tests.command_line import Call
from tests.watching import LONG, PATIENCE, Create, epochs_of, record_of, state_of, until


def reach_epoch(run: RunDirectory, epoch: int) -> None:
    until(lambda: len(epochs_of(run)) >= epoch, f"epoch {epoch}")


def train_to_the_end(store: RunStore, run: RunDirectory) -> None:
    launch(store, run)
    until(lambda: run.events_file.exists() and summarise(run).state == "finished", "finished")


def contents(home: Path) -> dict[Path, int]:
    """Every file below ``home`` and when it was written, locks and sockets aside."""
    return {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.name != "lock" and path.is_file()}


def refuses(answer: tuple[int, str, str], *said: str, status: int = 2) -> None:
    """One line on stderr, and this exit status."""
    assert (answer[0], answer[1], answer[2].count("\n")) == (status, "", 1), answer
    assert answer[2].startswith("namestui: ")
    for text in said:
        assert text in answer[2]


def test_steering_a_run(call: Call, store: RunStore, create: Create) -> None:
    run = create(LONG)
    launch(store, run)
    reach_epoch(run, 1)
    go_on = f"resume it with: namestui resume {run.id}"
    watch = f"watch it with: namestui attach {run.id}"
    # WHEN it is paused, it stands still
    assert call("pause", run.id) == (0, f"{run.id} is paused; {go_on}\n", "")
    assert state_of(run) == "paused"
    before = len(epochs_of(run))
    assert call("pause", run.id) == (0, f"{run.id} is paused already; {go_on}\n", "")
    assert len(epochs_of(run)) == before
    # AND goes on when told to
    assert call("resume", run.id) == (0, f"{run.id} has resumed; {watch}\n", "")
    reach_epoch(run, before + 1)
    assert call("resume", run.id) == (0, f"{run.id} is running already; {watch}\n", "")
    # AND its plan grows
    assert call("extend", run.id, "5") == (0, f"{run.id} is now planned for {LONG + 5} epochs; {watch}\n", "")
    assert summarise(run).epochs == LONG + 5
    refuses(call("extend", run.id, "0"), "not 0")
    # AND it is not removed under a worker's hands
    refuses(call("runs", "rm", run.id), run.id)
    assert run.is_locked()
    # WHEN it is stopped, a checkpoint is there and nobody is left to command
    assert call("stop", run.id) == (0, f"{run.id} is stopped; {go_on}\n", "")
    assert run.last_checkpoint.exists()
    until(lambda: not run.is_locked(), "freed")
    assert state_of(run) == "stopped"
    before_all = contents(store.home)
    assert call("stop", run.id) == (0, f"{run.id} is stopped already; {go_on}\n", "")
    refuses(call("pause", run.id), "is stopped: there is nothing to pause")
    assert contents(store.home) == before_all
    # WHEN it is resumed by a new worker, it trains on where it stood
    stopped_at = len(epochs_of(run))
    assert call("resume", run.id)[0] == 0
    reach_epoch(run, stopped_at + 1)
    assert [event.epoch for event in epochs_of(run)][: stopped_at + 1] == list(range(1, stopped_at + 2))


def test_extending_a_finished_run(call: Call, store: RunStore, create: Create) -> None:
    run = create(2)
    train_to_the_end(store, run)
    refuses(call("resume", run.id), "has finished", f"namestui extend {run.id}")
    assert call("extend", run.id, "3")[:2] == (
        0,
        f"{run.id} is now planned for 5 epochs; watch it with: namestui attach {run.id}\n",
    )
    status, out, err = call("follow", run.id)
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == "RNN   finished"
    assert [event.epoch for event in epochs_of(run)] == [1, 2, 3, 4, 5]


def test_follow_tells_the_history_and_then_what_comes(call: Call, store: RunStore, create: Create) -> None:
    # GIVEN a run that has trained a while
    run = create(LONG)
    launch(store, run)
    reach_epoch(run, 3)
    # WHEN two follow it, one in JSON
    command = [sys.executable, "-P", "-m", "namestui.tui", "follow", run.id]
    plain = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    complaints = ""
    try:
        assert plain.stdout is not None
        assert told.stdout is not None
        seen = ["", ""]
        history = len(record_of(run))
        for _ in range(history + 5):  # live already
            seen[1] += told.stdout.readline()
        while f"epoch {history:>6}" not in seen[0]:
            seen[0] += plain.stdout.readline()
        assert call("stop", run.id)[0] == 0
        seen = [text + stream.read() for text, stream in zip(seen, (plain.stdout, told.stdout), strict=True)]
        statuses = [process.wait(PATIENCE) for process in (plain, told)]
    finally:
        for process in (plain, told):
            process.kill()
            complaints += process.communicate()[1]
    # THEN both have told everything once, in order, and say by their status that it did not finish
    assert (statuses, complaints) == ([1, 1], "")
    assert [events.decode(line.encode()) for line in seen[1].splitlines()] == record_of(run)
    plain_lines = seen[0].splitlines()
    assert sum("  epoch " in line for line in plain_lines) == len(epochs_of(run))
    assert plain_lines[0].startswith("RNN   95 training")
    assert plain_lines[-1] == "RNN   stopped"
    assert "\x1b" not in seen[0]


def test_list_name_and_remove(call: Call, store: RunStore, create: Create) -> None:
    assert call("runs") == (0, "no runs yet; start some with: namestui\n", "")
    assert call("runs", "--json") == (0, "", "")
    good, fresh = create(2), create(7, model="lstm")
    train_to_the_end(store, good)
    write_notes(good, Notes(name="mine", tags=["tried"]))
    # THEN the table and the JSON say the same
    status, out, err = call("runs")
    assert (status, err) == (0, "")
    heading, *rows = out.splitlines()
    assert heading.split()[:5] == ["run", "model", "state", "epochs", "best"]
    by_id = {row.split()[0]: row for row in rows}
    assert {"rnn", "finished", "2/2", "mine", "#tried"} <= set(by_id[good.id].split())
    assert {"lstm", "0/7"} <= set(by_id[fresh.id].split())
    status, out, err = call("runs", "--json")
    objects = {one["run"]: one for one in map(json.loads, out.splitlines())}
    assert (status, err, objects.keys()) == (0, "", by_id.keys())
    assert (objects[good.id]["state"], objects[good.id]["epoch"], objects[good.id]["epochs"]) == ("finished", 2, 2)
    assert objects[good.id]["best_accuracy"] == max(event.validation_accuracy for event in epochs_of(good))
    # AND a run is meant by its id, the beginning of one, its name, last and best
    unique = next(good.id[:end] for end in range(1, len(good.id)) if not fresh.id.startswith(good.id[:end]))
    for wanted in (good.id, unique, "mine", "best", "rnn"):
        status, out, err = call("follow", wanted, "--json")
        assert (status, err) == (0, "")
        assert {json.loads(line)["run"] for line in out.splitlines()} == {good.id}
    write_notes(store.all()[-1], Notes(name="newest"))
    refuses(call("pause", "last"), f"{store.all()[-1].id} is ")
    # AND what means none, or several, is refused; nothing is written
    before = contents(store.home)
    for command in (["follow"], ["pause"], ["resume"], ["stop"], ["runs", "rm"], ["predict", "Abban", "--run"]):
        refuses(call(*command, "nobody"), "no run 'nobody'")
        refuses(call(*command, good.id[:4]), "means 2 runs", good.id, fresh.id)
    assert contents(store.home) == before
    # WHEN one is removed that a worker still serves, it lies whole in the trash
    assert good.is_locked()
    record = good.events_file.read_bytes()
    status, out, err = call("runs", "rm", good.id)
    assert (status, err) == (0, "")
    (trashed,) = (store.home / "trash").iterdir()
    assert out == f"{good.id} was moved to {trashed}\n"
    assert (trashed / "events.jsonl").read_bytes() == record
    assert [run.id for run in store.all()] == [fresh.id]


def test_predict(call: Call, store: RunStore, create: Create) -> None:
    empty, run = create(2), create(40)
    refuses(call("predict", "Abban", "--run", empty.id), empty.id)
    refuses(call("predict", "Abban"), "none is best")
    train_to_the_end(store, run)
    # WHEN it is asked, the best run answers, likeliest first
    status, out, err = call("predict", "Abban", "Kikirik")
    assert (status, err) == (0, f"namestui: answered by {run.id}\n")
    first, second = out.splitlines()
    assert first.startswith("Abban    ")
    assert second.startswith("Kikirik  ")
    assert all(line.count("%") == 3 and label in line for line, label in ((first, "Abban"), (second, "Kirik")))
    status, out, err = call("predict", "Kikirík¡", "--json", "--top", "2", "--run", run.id)
    assert (status, err) == (0, "")
    answer = json.loads(out)
    assert list(answer) == ["name", "read", "dropped", "predictions"]
    assert (answer["name"], answer["read"], answer["dropped"]) == ("Kikirík¡", "Kikirik", "¡")
    assert [list(one) for one in answer["predictions"]] == [["label", "probability"]] * 2
    assert answer["predictions"][0]["probability"] >= answer["predictions"][1]["probability"]
    # AND names come from a pipe, one a line, as bytes that are no UTF-8 too
    command = [sys.executable, "-P", "-m", "namestui.tui", "predict", "--json", "--run", run.id]
    piped = subprocess.run(command, input=b"Abban\n\n  Kikirik \r\n", capture_output=True, check=True)
    assert [json.loads(line)["name"] for line in piped.stdout.splitlines()] == ["Abban", "Kikirik"]
    odd = subprocess.run([*command, os.fsencode("Abb\udcffan")], capture_output=True, check=True)
    assert json.loads(odd.stdout)["dropped"] == "\ufffd"
    # AND letters that are read otherwise are said
    config = json.loads(run.config_file.read_text())
    run.config_file.write_text(json.dumps({**config, "reading": "transliterated"}))
    status, out, err = call("predict", "Weiß-Bádban", "Bádban", "--run", run.id)
    assert (status, err.splitlines()[1:]) == (0, ["namestui: Weiß-Bádban read as Weiss Badban"])
    # AND what cannot be read is told beside the others' answers
    status, out, err = call("predict", "\x1b[2J¡", "Sumo")
    assert "\x1b" not in out + err
    status, out, err = call("predict", "¡", "Sumo", "--json")
    assert (status, err.count("\n")) == (2, 1)
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["Sumo"]


def test_what_each_letter_adds(call: Call, store: RunStore, create: Create) -> None:
    run, other = create(20), create(2, "lstm")
    train_to_the_end(store, run)
    status, out, err = call("predict", "Kikirik", "Abb an", "abbandabbandabban", "--run", run.id, "--letters")
    assert (status, err.count("\n")) == (0, 2)
    assert "nats" in err
    lines = out.splitlines()
    assert max(len(line) for line in lines if "%" not in line) <= 80
    # THEN below each answer stand its letters, what they add, and the sum of that
    assert lines[1].split() == [*"Kikirik", "bias", "sum"]
    numbers = [float(number) for number in lines[2].split()]
    assert all(number[0] in "+-" for number in lines[2].split())
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.05)
    assert [len(line) for line in lines[1:3]] == [len(lines[1])] * 2
    assert "' '" in lines[4]
    long = [line.split() for line in lines[7::2]]  # takes several lines
    assert len(long) > 1
    assert [cell for line in long for cell in line] == [*"abbandabbandabban", "bias", "sum"]
    # AND it is in the object where that was asked for
    status, out, err = call("predict", "Abban", "--run", run.id, "--letters", "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert [one["letter"] for one in answer["letters"]] == list("Abban")
    assert isinstance(answer["bias"], float)
    # AND a network that is no such sum says so, in one line, and answers all the same
    train_to_the_end(store, other)
    status, out, err = call("predict", "Abban", "--run", other.id, "--letters")
    assert (status, out.count("\n")) == (0, 1)
    assert "--letters shows nothing here: only the report's RNN is a sum over letters" in err
    status, out, _ = call("predict", "Abban", "--run", other.id, "--letters", "--json")
    assert (json.loads(out)["letters"], json.loads(out)["bias"]) == ([], None)


def test_doctor(call: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TERM", "xterm-256color"), ("COLUMNS", "120"), ("LINES", "40")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(checks, "kills_at_logout", lambda: False)
    monkeypatch.setattr(checks.locale, "getencoding", lambda: "UTF-8")
    status, out, err = call("doctor")
    assert (status, err) == (0, "")
    assert all(line.startswith("ok ") for line in out.splitlines())
    assert all(text in out for text in ("torch 2", "devices: ", "cpu", str(home), "120x40", "logging out"))
    # WHEN something is wrong
    monkeypatch.setattr(checks, "_ASK_TORCH", "raise ImportError('no \\x1b torch')")
    home.chmod(0o755)
    monkeypatch.setenv("COLUMNS", "60")
    status, out, err = call("doctor")
    assert (status, err) == (1, "")
    bad = [line for line in out.splitlines() if line.startswith("BAD ")]
    assert ["no \\x1b torch" in bad[0], "chmod 700" in bad[1], "80x24" in bad[2], len(bad)] == [True, True, True, 3]
