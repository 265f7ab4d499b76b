"""What the shell completes: runs, columns and filters, out of the runs there are; silent where none can be listed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.cli.completion import complete_field, complete_filter, complete_run

Runs = dict[str, RunDirectory]


@pytest.fixture
def runs(store: RunStore) -> Runs:
    """Two runs, one of which has a name and a tag."""
    found = {model: store.create(make_config(model)) for model in ("wide-lstm", "gru")}
    write_notes(found["gru"], Notes(name="tuesday", tags=["sweep"]))
    return found


def test_a_run_is_meant_by_its_id_its_name_its_model_last_and_best(runs: Runs) -> None:
    ids = [run.id for run in runs.values()]
    assert sorted(complete_run("")) == sorted(["last", "best", *ids, "tuesday", "wide-lstm", "gru"])
    assert complete_run("")[:2] == ["last", "best"]
    assert complete_run("tu") == ["tuesday"]
    assert complete_run("w") == ["wide-lstm"]
    assert complete_run(runs["gru"].id[:-2]) == [runs["gru"].id]
    assert complete_run("quagga") == []


def test_columns_and_filters(runs: Runs) -> None:
    assert complete_field("mod") == ["model"]
    assert complete_field("-be") == ["-best"]
    assert "learning_rate" in complete_field("")
    assert complete_filter("best>.8 mod") == ["best>.8 model:"]
    assert complete_filter("model:w") == ["model:wide-lstm"]
    assert complete_filter("-tag:s") == ["-tag:sweep"]
    assert len(runs) == 2


def damaged_notes(runs: Runs, store: RunStore) -> None:  # noqa: ARG001
    runs["gru"].notes_file.write_bytes(b"\xff{")


def no_folder(runs: Runs, store: RunStore) -> None:  # noqa: ARG001
    store.runs.rename(store.home / "away")
    store.runs.write_text("no folder")


def no_runs(runs: Runs, store: RunStore) -> None:  # noqa: ARG001
    store.runs.rename(store.home / "away")


SPOILT = {"notes": (damaged_notes, ["last", "best"]), "a file": (no_folder, []), "none": (no_runs, [])}


@pytest.mark.parametrize(("spoil", "found"), SPOILT.values(), ids=SPOILT)
def test_what_cannot_be_read_is_left_out(
    runs: Runs, store: RunStore, spoil: Callable[[Runs, RunStore], None], found: list[str]
) -> None:
    spoil(runs, store)
    assert complete_run("")[:2] == found
    assert "tuesday" not in complete_run("")
    assert isinstance(complete_filter("model:"), list)
    if store.runs.is_file():
        store.runs.unlink()


@pytest.mark.parametrize(
    "command",
    [
        "follow",
        "attach",
        "stop",
        "runs rm",
        "runs tag",
        "evaluate",
        "explain",
        "explain last",
        "predict --run",
        "train --init-from",
    ],
)
def test_the_shell_is_answered_wherever_a_run_is_meant(runs: Runs, command: str) -> None:
    words = f"namestui {command} tue"
    environment = {**os.environ, "_NAMESTUI_COMPLETE": "complete_bash", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(len(words.split()) - 1)
    code = "import sys; from namestui.tui.entry import main; sys.argv[0] = 'namestui'\ntry: main()\nfinally: "
    code += "print(*sorted({'torch', 'textual', 'numpy'} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["tuesday"]
    assert done.stderr.strip() == ""  # nothing that takes long was loaded
    assert runs


def test_a_name_that_steers_a_terminal_is_not_offered(runs: Runs) -> None:
    write_notes(runs["gru"], Notes(name="\x1b]0;mine\a", tags=[]))
    assert not [word for word in complete_run("") if not word.isprintable()]
    assert runs["gru"].id in complete_run("")
