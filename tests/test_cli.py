"""The command line where nothing is trained: help, version, and one line for whatever will not do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from namestui.engine.planning.plan import Plan
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.runs.version import VERSION
from namestui.tui import entry
from namestui.tui.cli import app as cli
from namestui.tui.plain import training
from tests.command_line import Call


def namestui(*arguments: str) -> list[str]:
    """The command line in a process of its own."""
    return [sys.executable, "-m", "namestui.tui", *arguments]


def test_version(call: Call) -> None:
    assert call("--version") == (0, f"namestui {VERSION}\n", "")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(call: Call, flag: str) -> None:
    status, out, err = call(flag)
    assert (status, err) == (0, "")
    for command in ("new", "train", "attach", "pause", "resume", "stop", "extend", "runs", "follow", "predict"):
        assert f"\n  {command} " in out
    assert "NAMESTUI_HOME" in out
    assert "\x1b" not in out


def test_help_of_a_command(call: Call) -> None:
    status, out, err = call("train", "--help")
    assert (status, err) == (0, "")
    for option in ("--epochs", "--corpus", "--split", "--seed", "--device", "--jobs", "--detach", "--json"):
        assert option in out


def test_as_a_process_of_its_own(home: Path) -> None:
    done = subprocess.run(namestui("trian"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("namestui: ")
    assert not home.exists()


# One line on stderr, exit status 2, nothing written


def refuses(answer: tuple[int, str, str], home: Path, *said: str) -> None:
    status, out, err = answer
    assert (status, out) == (2, ""), err
    assert err.startswith("namestui: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for text in said:
        assert text in err
    assert "Traceback" not in err
    assert "\x1b" not in err
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("frobnicate", "frobnicate"),
        ("train --bogus", "--bogus"),
        ("--bogus", "--bogus"),
        ("train no-such-model", "'no-such-model'"),
        ("train rnn lstm no-such-model", "choose from"),
        ("train --epochs 0", "epochs 0"),
        ("train --epochs -3", "epochs -3"),
        ("train --epochs x", "'x'"),
        ("train --epochs", "--epochs"),
        ("train --epochs 1000000000", "out of range"),
        ("train --seed -1", "seed -1"),
        ("train --split thirds", "grouped, random"),
        ("train --device tpu", "unknown device"),
        ("train --jobs 0", "--jobs"),
        ("train --corpus /no/such/folder", "no such folder"),
        ("train --set batch_size=0", "batch_size 0"),
        ("train --set learning_rate=-1", "learning_rate -1"),
        ("train --set bogus=1", "'bogus=1' is not a setting"),
        ("train --folds 0", "folds 0"),
        ("train --folds 99999", "folds 99999"),
        ("train --folds 2 --detach", "--folds"),
        ("train lstm --init-from last", "no runs yet"),
        ("train lstm --init-from=", "--init-from is empty"),
        ("train ngram --pretrain bundled", "cannot start from other weights"),
        ("train lstm --pretrain bundled --split random", "needs --split grouped"),
        ("train lstm --pretrain /no/such/folder", "no such folder"),
        ("evaluate last", "no runs yet"),
        ("new", "no terminal"),
        ("new no-such-model", "no terminal"),
        ("attach last", "no terminal"),
        ("attach", "RUN"),
        ("replay last", "no terminal"),
        ("pause", "RUN"),
        ("pause last", "no runs yet"),
        ("resume 2026", "no runs yet"),
        ("stop last", "no runs yet"),
        ("follow", "no runs yet"),
        ("extend last", "epochs"),
        ("extend last 5", "no runs yet"),
        ("extend last many", "'many'"),
        ("predict", "NAME"),
        ("predict Satoshi", "no runs yet"),
        ("predict --top 0 Satoshi", "--top"),
        ("runs rm", "RUN"),
        ("runs rm last", "no runs yet"),
        ("runs frobnicate", "frobnicate"),
    ],
)
def test_what_will_not_do(call: Call, home: Path, arguments: str, said: str) -> None:
    refuses(call(*arguments.split()), home, said)


def test_more_folds_than_names(call: Call, home: Path, small_corpus: Path) -> None:
    refuses(call("train", "--corpus", str(small_corpus), "--folds", "121"), home, "folds 121", "only 120 names")


def test_a_fold_whose_training_part_lacks_a_class(call: Call, home: Path, small_corpus: Path) -> None:
    (small_corpus / "Rare.txt").write_text("Zyx\n", encoding="utf-8")
    answer = call("train", "--corpus", str(small_corpus), "--folds", "40")
    refuses(answer, home, "no name of Rare falls into the training part")


@pytest.mark.parametrize("argument", ["\x1b[2J", "--\x1b]0;x\x07", "a\nb", "\udcff", "[red]x[/]"])
def test_what_is_wrong_is_reported_inert(call: Call, home: Path, argument: str) -> None:
    refuses(call("train", argument), home)
    refuses(call(argument), home)
    refuses(call("train", "--epochs", argument), home)


def broken(folder: Path, **files: bytes) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.txt").write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, ("no .txt file",)),
        ({"One": b"Abban\n"}, ("only one label", "One.txt")),
        ({"One": b"Abban\n", "Two": b"Kirik\nM\xfcller\n"}, ("Two.txt:2", "not UTF-8")),
        ({"One": b"Abban\n", "Two": b""}, ("Two.txt", "empty")),
        ({"One": b"Abban\n", "Two": b"a\x1bb\n"}, ("Two.txt:1", "control character")),
        ({"One": b"Abban\n", "Two": b"a" * 300 + b"\n"}, ("Two.txt:1", "letters")),
    ],
)
def test_a_corpus_that_will_not_do(
    call: Call, home: Path, tmp_path: Path, files: dict[str, bytes], said: tuple[str, ...]
) -> None:
    folder = broken(tmp_path / "broken", **files)
    refuses(call("train", "--corpus", str(folder)), home, *said)


@pytest.mark.parametrize("argument", [["--corpus", ""], ["--corpus="], ["--corpus", "~no-such-user/names"]])
def test_a_corpus_that_is_nowhere(call: Call, home: Path, argument: list[str]) -> None:
    refuses(call("train", *argument), home, "corpus")


def test_a_corpus_that_is_a_file(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("Abban\n", encoding="utf-8")
    refuses(call("train", "--corpus", str(file)), home, "not a folder")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_device_that_is_not_there(call: Call, home: Path) -> None:
    refuses(call("train", "rnn", "--device", "cuda"), home, "this machine has no cuda")


def test_a_home_that_cannot_be_written(
    call: Call, tmp_path: Path, small_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NAMESTUI_HOME", str(tmp_path / "file" / "home"))
    status, out, err = call("train", "rnn", "--corpus", str(small_corpus))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "NAMESTUI_HOME" in err


# Without a terminal the bare command trains the first two


def test_the_bare_command_trains_an_rnn_and_an_lstm(
    call: Call, monkeypatch: pytest.MonkeyPatch, store: RunStore
) -> None:
    asked: list[tuple[list[str], bool]] = []

    def train(
        _store: RunStore, runs: list[RunDirectory], planned: Plan, *, jobs: int, json: bool, machine: bool
    ) -> int:
        assert not machine
        asked.append(([run.config().model for run in runs], json))
        assert jobs >= 1
        assert planned.configs == [run.config() for run in runs]
        return 0

    monkeypatch.setattr(training, "train_runs", train)
    assert call() == (0, "", "")
    assert asked == [(["rnn", "lstm"], False)]
    assert sorted(run.config().model for run in store.all()) == ["lstm", "rnn"]
    assert all(run.config() == make_config(run.config().model) for run in store.all())


def test_a_terminal_is_one_on_all_three(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        def __init__(self, terminal: bool) -> None:
            self._terminal = terminal

        def isatty(self) -> bool:
            return self._terminal

    for answers, expected in (((1, 1, 1), True), ((0, 1, 1), False), ((1, 0, 1), False), ((1, 1, 0), False)):
        for name, answer in zip(("stdin", "stdout", "__stderr__"), answers, strict=True):
            monkeypatch.setattr(sys, name, Stream(bool(answer)))
        assert entry.has_terminal() is expected
    monkeypatch.setattr(sys, "stdin", None)
    assert entry.has_terminal() is False
    monkeypatch.undo()
    assert cli.has_terminal is entry.has_terminal
