"""Standard output that is closed, full, or lacks a letter; standard input that is closed; every warning an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from namestui.engine.link.launch import launch
from namestui.runs.store import RunDirectory, RunStore
from namestui.runs.summary import summarise
from namestui.runs.text import inert
from tests.watching import LONG, PATIENCE, Create, until

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]

Answer = subprocess.CompletedProcess[bytes]


def shell(redirection: str, *arguments: str, stdin: bytes | None = None, **environment: str) -> Answer:
    """The command line with its streams as a shell makes them: ``>&-``, ``>/dev/full``, ``<&-``."""
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *NAMESTUI, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, **environment},
    )


@pytest.fixture
def finished(store: RunStore, create: Create, small_corpus: Path) -> RunDirectory:
    """A run on labels that no 8-bit encoding has all letters of."""
    (small_corpus / "Abban.txt").rename(small_corpus / "Łódź.txt")
    (small_corpus / "Sumo.txt").rename(small_corpus / "日本.txt")
    run = create(2)
    launch(store, run)
    until(lambda: run.events_file.exists() and summarise(run).state == "finished", "finished")
    return run


@pytest.mark.parametrize(("redirection", "why"), [(">&-", "is closed"), (">/dev/full", "No space left on device")])
@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "runs", "runs --json", "train rnn", "train rnn --detach", "predict Anna", "follow"],
)
def test_output_that_takes_nothing(home: Path, redirection: str, why: str, command: str) -> None:
    done = shell(redirection, *command.split())
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"namestui: {done.stderr.decode().removeprefix('namestui: ').rstrip()}\n"
    assert why in done.stderr.decode()
    assert not home.exists()  # nothing is begun that cannot be told


def test_a_disk_that_fills_up_under_the_output(
    store: RunStore, create: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has been started trains on; what waits is said."""
    run = create(LONG)
    launch(store, run)
    monkeypatch.setenv("OF", run.id)
    code = (
        "import os, sys\nfrom namestui.tui.plain import output\nfrom namestui.tui import entry\n"
        "output.prepare_streams()\noutput.prepare_streams = lambda: None\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
        "from namestui.tui.cli import errors\nerrors.prepare_streams = lambda: None\n"
        "sys.argv = ['namestui', 'follow', os.environ['OF']]\nentry.main()"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert done.stderr == b"namestui: standard output cannot be written: No space left on device\n"
    assert run.is_locked()


def test_no_standard_input(home: Path, finished: RunDirectory) -> None:
    done = shell("<&-", "predict")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"namestui: no NAME: give some, or pipe them in, one per line\n"
    assert shell("<&-", "predict", "Anna").returncode == 0
    assert (home / "runs" / finished.id).is_dir()
    # AND no standard error: the status alone tells
    assert shell("2>&-", "predict").returncode == 2
    assert shell("2>&-", "predict", "Anna").stdout.startswith(b"Anna  ")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_encoding_that_lacks_letters(finished: RunDirectory, encoding: str) -> None:
    heavy = [["predict", "Łukasz"], ["doctor"]] if encoding == "ascii" else []  # those load torch: once is enough
    for command in (*heavy, ["evaluate", finished.id], ["follow", finished.id], ["runs"]):
        done = shell("", *command, PYTHONIOENCODING=encoding)
        assert done.returncode in ((0, 1) if command == ["doctor"] else (0,)), done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stdout.decode(encoding)
    # THEN letters that the encoding lacks are escapes
    assert shell("", "predict", "Łukasz", PYTHONIOENCODING=encoding).stdout.startswith(b"\\u0141ukasz  ")
    # AND JSON says the same in every encoding
    heavy = [["predict", "Łukasz", "--json"]] if encoding == "ascii" else []
    for command in (*heavy, ["evaluate", finished.id, "--json"], ["follow", "--json"]):
        plain, other = (shell("", *command, PYTHONIOENCODING=name).stdout for name in ("utf-8", encoding))
        assert other.decode(encoding)
        assert list(map(json.loads, plain.splitlines())) == list(map(json.loads, other.splitlines()))
    # AND names in a pipe that are not of the encoding, or of none, are read as far as they can be
    done = shell("", "predict", "--json", stdin="Łow\n".encode() + b"\xffAb\n", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("name", ["-rf", "20261123-214207-rnn-\udcff"])
def test_ids_that_look_like_options_or_are_no_text(store: RunStore, finished: RunDirectory, name: str) -> None:
    odd = store.runs / name
    odd.mkdir(mode=0o700)
    for file in (finished.config_file, finished.events_file):
        (odd / file.name).write_bytes(file.read_bytes())
    listed = shell("", "runs", "--json")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert inert(name) in [json.loads(line)["run"] for line in listed.stdout.splitlines()]
    assert shell("", "runs").returncode == 0
    scored = shell("", "evaluate", "--", name)
    assert (scored.returncode, scored.stderr.count(b"\n")) in ((0, 0), (2, 1))
    assert b"Traceback" not in scored.stderr
    removed = shell("", "runs", "rm", "--", name)
    assert (removed.returncode, removed.stderr) == (0, b"")
    assert not odd.exists()
