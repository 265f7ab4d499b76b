"""``namestui runs``: filtered, sorted, in groups; tags; what is wrong is one line, and nothing is written then."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from namestui.runs.eventlog import EventLog
from namestui.runs.notes import Notes, read_notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from tests.command_line import Call
from tests.fake_engine import EventMaker

Listed = Callable[..., list[str]]


@pytest.fixture
def runs(store: RunStore) -> dict[str, RunDirectory]:
    """Four runs, oldest first, by the names that they have."""
    return {
        "first": recorded(store, "first", "lstm", 0.7, ["sweep"], "learning_rate=0.02"),
        "second": recorded(store, "second", "rnn", 0.8, ["sweep", "old"], "learning_rate=0.005"),
        "third": recorded(store, "third", "lstm", 0.9, [], "learning_rate=0.01"),
        "fourth": recorded(store, "fourth", "gru", None, [], "learning_rate=0.03"),
    }


def recorded(store: RunStore, name: str, model: str, best: float | None, tags: list[str], setting: str) -> RunDirectory:
    run = store.create(make_config(model, settings=[setting]))
    write_notes(run, Notes(name=name, tags=tags))
    if best is not None:
        log, maker = EventLog(run.events_file), EventMaker(run.id)
        for event in (maker.run_started(model), maker.epoch(validation_accuracy=best), maker.state("finished")):
            log.append(event)
        log.close()
    return run


@pytest.fixture
def listed(call: Call, runs: dict[str, RunDirectory]) -> Listed:  # noqa: ARG001
    """The names of the runs that are listed, as the table and the JSON have them."""

    def names(*options: str) -> list[str]:
        status, out, err = call("runs", *options, "--json")
        assert (status, err) == (0, "")
        found = [json.loads(line)["name"] for line in out.splitlines()]
        status, out, err = call("runs", *options)
        assert (status, err) == (0, "")
        known = ("first", "second", "third", "fourth")
        assert [word for line in out.splitlines() for word in line.split() if word in known] == found
        return found

    return names


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["fourth", "third", "second", "first"]),
        (["--reverse"], ["first", "second", "third", "fourth"]),
        (["--sort", "best"], ["third", "second", "first", "fourth"]),
        (["--sort", "-best"], ["first", "second", "third", "fourth"]),
        (["--sort", "best", "--reverse"], ["first", "second", "third", "fourth"]),
        (["--sort", "-best", "--reverse"], ["third", "second", "first", "fourth"]),
        (["--sort", "model"], ["fourth", "third", "first", "second"]),
        (["--sort", "rate"], ["second", "third", "first", "fourth"]),
        (["--sort", "-learning-rate"], ["fourth", "first", "third", "second"]),
        (["--sort", "NAME"], ["first", "fourth", "second", "third"]),
        (["--filter", "model:lstm best>.8 state:finished rate<=0.01"], ["third"]),
        (["--filter", "tag:sweep -tag:old"], ["first"]),
        (["--filter", "-tag:sweep"], ["fourth", "third"]),
        (["--filter", "lstm", "--sort", "best"], ["third", "first"]),
        (["--group-by", "model"], ["fourth", "third", "first", "second"]),
        (["--group-by", "model", "--sort", "-best"], ["first", "third", "second", "fourth"]),
    ],
)
def test_which_runs_and_in_which_order(listed: Listed, options: list[str], found: list[str]) -> None:
    assert listed(*options) == found


def test_groups_have_a_number_a_best_and_a_mean(call: Call, runs: dict[str, RunDirectory]) -> None:
    _, out, _ = call("runs", "--group-by", "model")
    titles = [line for line in out.splitlines() if line.startswith("model ")]
    assert titles == [
        "model gru: 1 run",
        "model lstm: 2 runs, best 90.0 %, mean 80.0 %",
        "model rnn: 1 run, best 80.0 %, mean 80.0 %",
    ]
    _, out, _ = call("runs", "--group-by", "tag")
    assert [line.partition(":")[0] for line in out.splitlines() if line.startswith("tag ")] == [
        *("tag none", "tag sweep old", "tag sweep"),
    ]
    assert len(runs) == 4


def test_no_run_matches(call: Call, runs: dict[str, RunDirectory]) -> None:
    assert call("runs", "--filter", "quagga") == (0, f"none of the {len(runs)} runs matches the filter\n", "")
    assert call("runs", "--filter", "quagga", "--json") == (0, "", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--filter", "modle:lstm"], "--filter: runs have no field 'modle'; did you mean model?"),
        (["--filter", "best>x"], "--filter: best needs a share"),
        (["--filter", 'a "b'], "a quotation mark is not closed"),
        (["--sort", "bset"], "--sort: runs have no field 'bset'; did you mean best?"),
        (["--sort", "-"], "--sort: runs have no field ''"),
        (["--group-by", "\x1b[2J"], r"--group-by: runs have no field '\\x1b[2J'"),
    ],
)
def test_what_is_wrong_is_one_line(
    call: Call, runs: dict[str, RunDirectory], store: RunStore, options: list[str], said: str
) -> None:
    status, out, err = call("runs", *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not store.summaries_file.exists()
    assert runs


def test_tags(call: Call, runs: dict[str, RunDirectory]) -> None:
    first, third = runs["first"], runs["third"]
    # GIVEN notes that have more than tags
    write_notes(third, Notes(name="third", note="keep me"))
    answer = call("runs", "tag", "first", third.id, "good")
    assert answer == (0, f"{first.id} has the tags sweep good\n{third.id} has the tags good\n", "")
    assert read_notes(third) == Notes(name="third", tags=["good"], note="keep me")
    # WHEN it is given again, in other letters, it is there once
    assert call("runs", "tag", "first", "GOOD")[1] == f"{first.id} has the tags sweep GOOD\n"
    answer = call("runs", "untag", "first", "third", "good")
    assert answer == (0, f"{first.id} has the tags sweep\n{third.id} has no tags\n", "")
    assert call("runs", "untag", "first", "never")[1] == f"{first.id} has the tags sweep\n"


@pytest.mark.parametrize("tag", ["", "two words", " x", "a\x1b[2J", "a\nb"])
def test_a_tag_is_one_word(call: Call, runs: dict[str, RunDirectory], tag: str) -> None:
    status, out, err = call("runs", "tag", "first", tag)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "a tag is one word" in err
    assert read_notes(runs["first"]).tags == ["sweep"]


def test_notes_that_cannot_be_read_are_kept_and_no_run_is_changed(call: Call, runs: dict[str, RunDirectory]) -> None:
    runs["second"].notes_file.write_text('{"name": "second", "tags": 3}')
    status, out, err = call("runs", "tag", "first", runs["second"].id, "good")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "keeps its notes as they are" in err
    assert read_notes(runs["first"]).tags == ["sweep"]
    assert runs["second"].notes_file.read_text() == '{"name": "second", "tags": 3}'
    # AND a run that is not there stops all
    assert call("runs", "tag", "first", "nobody", "good")[0] == 2
    assert read_notes(runs["first"]).tags == ["sweep"]
