"""Starting from another run's weights: what is kept, what is refused, and that nothing leaks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from namestui.data.corpus import load_corpus
from namestui.data.splits import split_corpus
from namestui.engine.nets.weights import load_best, load_initial
from namestui.engine.planning import plan as planning
from namestui.engine.planning.plan import plan
from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.runs import commands, events
from namestui.runs.config import encode_config
from namestui.runs.store import RunDirectory, RunError, RunStore
from tests.training_here import train_here
from tests.watching import Create, Watch, epochs_of, freed, record_of, states_of


@pytest.fixture
def other_corpus(tmp_path: Path, small_corpus: Path) -> Path:
    """The names of the small corpus under other labels, and some more."""
    folder = tmp_path / "other"
    folder.mkdir()
    draw = random.Random(1)
    for label, more in (("Left", "lo"), ("Right", "ri")):
        source = small_corpus / ("Abban.txt" if label == "Left" else "Kirik.txt")
        extra = {more + "".join(draw.choice("aeiou") for _ in range(4)) for _ in range(40)}
        (folder / f"{label}.txt").write_text(source.read_text() + "\n".join(sorted(extra)), encoding="utf-8")
    return folder


@pytest.fixture
def source(create: Create) -> RunDirectory:
    """A finished LSTM."""
    run = create(2, "lstm", hidden_size=128)
    train_here(run)
    return run


def wanted(corpus: Path, **changes: Any) -> Wanted:
    return Wanted(**{"models": ["lstm"], "corpus": str(corpus), "epochs": 2, "device": "cpu", **changes})


def tensors(run: RunDirectory) -> dict[str, torch.Tensor]:
    return load_best(run)[0].state_dict()


def test_all_but_the_head_is_kept_for_other_classes(store: RunStore, source: RunDirectory, other_corpus: Path) -> None:
    # GIVEN a run on a corpus with other labels that starts from a finished one
    (run,) = planning.create(store, plan(wanted(other_corpus, init_from=source.id), store))
    kept = load_initial(run, run.config(), ["Left", "Right"])
    assert {name.partition(".")[0] for name in kept} == {"lstm"}
    assert all(torch.equal(weight, tensors(source)[name]) for name, weight in kept.items())
    # WHEN it is trained
    train_here(run)
    # THEN its record says from whose weights
    started = record_of(run)[0]
    assert isinstance(started, events.RunStarted)
    assert started.config["init_from"] == source.id
    # AND the source may go: the run has its own copy
    for path in source.path.iterdir():
        path.unlink()
    assert kept.keys() == load_initial(run, run.config(), ["Left", "Right"]).keys()


def test_on_the_same_corpus_the_head_is_kept_too(store: RunStore, source: RunDirectory, small_corpus: Path) -> None:
    (run,) = planning.create(store, plan(wanted(small_corpus, models=(), init_from="last"), store))
    assert run.config().model == "lstm"
    assert load_initial(run, run.config(), ["Abban", "Kirik", "Sumo"]).keys() == tensors(source).keys()


def test_the_same_seed_and_source_give_the_same_losses(
    store: RunStore, source: RunDirectory, other_corpus: Path
) -> None:
    runs = [
        planning.create(store, plan(wanted(other_corpus, init_from=init), store))[0]
        for init in (source.id, source.id, None)
    ]
    for run in runs:
        train_here(run)
    losses = [[event.validation_loss for event in epochs_of(run)] for run in runs]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"models": ["gru"]}, "is of model lstm"),
        ({"models": ["ngram"]}, "cannot start from other weights"),
        ({"settings": ["hidden_size=64"]}, "add --set hidden_size=128"),
        ({"pretrain": "bundled"}, "cannot be used together"),
        ({"recipe": "report"}, "fixed as in the report"),
        ({"init_from": "nobody"}, "no run 'nobody'"),
        ({"seed": 1}, "would leak"),
        ({"split": "random"}, "would leak"),
    ],
)
def test_what_does_not_fit_or_leaks_is_refused_before_anything_is_written(
    store: RunStore, source: RunDirectory, small_corpus: Path, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        plan(wanted(small_corpus, **{"init_from": source.id, **changes}), store)
    assert [run.id for run in store.all()] == [source.id]


def test_what_leaks_is_counted(store: RunStore, source: RunDirectory, small_corpus: Path) -> None:
    corpus = load_corpus(small_corpus)
    trained = {corpus.names[row].lower() for row in split_corpus(corpus, "grouped", 0).train}
    parts = split_corpus(corpus, "grouped", 1)
    held = {corpus.names[row].lower() for row in (*parts.validation, *parts.test)}
    with pytest.raises(UsageError, match=f"{len(held & trained)} of the {len(held)} validation and test names"):
        plan(wanted(small_corpus, init_from=source.id, seed=1), store)


def test_a_leak_is_found_through_runs_between(store: RunStore, source: RunDirectory, other_corpus: Path) -> None:
    # GIVEN a run that started from one with another split seed, and says that its own leaks nothing
    between = store.create(msgspec.structs.replace(source.config(), split_seed=5, init_from=source.id))
    between.best_weights.write_bytes(source.best_weights.read_bytes())
    with pytest.raises(UsageError, match=f"run {between.id}, or one that it started from, was trained on them"):
        plan(wanted(other_corpus, init_from=between.id, seed=5), store)
    # AND one that is said to come before itself is refused, not followed for ever
    config = source.config()
    source.config_file.write_bytes(encode_config(msgspec.structs.replace(config, init_from=between.id)))
    with pytest.raises(RunError, match="started from itself"):
        plan(wanted(other_corpus, init_from=between.id, seed=5), store)
    # AND where the first is gone nobody can tell
    (source.path / "config.json").unlink()
    with pytest.raises(Exception, match="which is gone: leaks cannot be counted"):
        plan(wanted(other_corpus, init_from=between.id, seed=5), store)


def test_a_run_without_weights(store: RunStore, create: Create, small_corpus: Path) -> None:
    run = create(3, "lstm")
    with pytest.raises(UsageError, match="has no weights to start from"):
        plan(wanted(small_corpus, init_from=run.id), store)


async def test_pretraining_comes_first_and_leaves_out_what_would_leak(
    store: RunStore, watch: Watch, small_corpus: Path, other_corpus: Path
) -> None:
    # GIVEN a corpus whose names all occur in the one to train on first
    planned = plan(wanted(small_corpus, pretrain=str(other_corpus)), store)
    count = [line for line in planned.summary if "leaves out" in line]
    corpus = load_corpus(small_corpus)
    parts = split_corpus(corpus, "grouped", 0)
    held = {corpus.names[row].lower() for row in (*parts.validation, *parts.test)}
    known = {name.lower() for name in load_corpus(other_corpus).names} & held
    assert count == [f"pretraining leaves out {len(known)} of the {len(held)} validation and test names (seed 0)"]
    # WHEN both runs are started at once
    earlier, run = planning.create(store, planned)
    assert run.config().init_from == earlier.id
    watch.client.start(earlier)
    watch.client.start(run)
    # THEN the second waits for the first, and starts from its best weights
    await watch.until(events.RunStarted, lambda event: event.run == run.id)
    assert states_of(earlier)[-1] == "finished"
    assert run.initial_weights.read_bytes() == earlier.best_weights.read_bytes()
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (run.id, "finished"))
    # AND the first was trained on none of the names that the second is judged by
    other = load_corpus(other_corpus)
    trained = {other.names[row].lower() for row in split_corpus(other, "grouped", earlier.config().split_seed).train}
    assert not trained & held


async def test_waiting_refuses_all_but_a_stop_and_resumes_later(
    store: RunStore, watch: Watch, small_corpus: Path, other_corpus: Path
) -> None:
    earlier, run = planning.create(store, plan(wanted(small_corpus, pretrain=str(other_corpus)), store))
    # GIVEN a run whose source is paused
    watch.client.start(earlier)
    watch.client.send(earlier.id, commands.Pause())
    await watch.until_state("paused")
    watch.client.start(run)
    await watch.until(events.Notice, lambda event: event.message.startswith(f"waits for run {earlier.id} to finish"))
    # WHEN it is to pause THEN it says at once what it waits for
    assert f"waits for run {earlier.id} to finish" in str(await watch.ask(run, commands.Pause()))
    # AND it stops when told to, and trains later, once the source has finished
    watch.client.send(run.id, commands.Stop())
    await watch.until_state("stopped")
    await freed(run)
    watch.client.start(run)
    watch.client.send(earlier.id, commands.Resume())
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (run.id, "finished"))


async def test_a_source_that_was_never_started_is_not_waited_for(
    store: RunStore, watch: Watch, small_corpus: Path, other_corpus: Path
) -> None:
    earlier, run = planning.create(store, plan(wanted(small_corpus, pretrain=str(other_corpus)), store))
    watch.client.start(run)
    failed = await watch.until_state("failed")
    assert failed.reason.startswith(f"cannot start from run {earlier.id}")
    assert failed.reason.endswith("which never started: resume it first, then this run")


async def test_two_processes_wait_as_one_and_can_be_stopped(
    store: RunStore, watch: Watch, small_corpus: Path, other_corpus: Path
) -> None:
    planned = plan(wanted(small_corpus, pretrain=str(other_corpus), nproc=2), store)
    earlier, run = planning.create(store, planned)
    earlier.config_file.write_bytes(encode_config(msgspec.structs.replace(earlier.config(), nproc=1)))
    watch.client.start(earlier)
    watch.client.send(earlier.id, commands.Pause())
    await watch.until_state("paused")
    watch.client.start(run)
    await watch.until(events.Notice, lambda event: event.message.startswith("waits for"))
    watch.client.send(run.id, commands.Stop())
    await watch.until_state("stopped")
    await freed(run)
    # THEN both train once there are weights
    watch.client.start(run)
    watch.client.send(earlier.id, commands.Resume())
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (run.id, "finished"))


def test_a_checkpoint_makes_the_starting_weights_needless(
    store: RunStore, source: RunDirectory, other_corpus: Path
) -> None:
    (run,) = planning.create(store, plan(wanted(other_corpus, init_from=source.id), store))
    train_here(run)
    # GIVEN weights to start from that are damaged, of a run that has long begun
    content = bytearray(run.initial_weights.read_bytes())
    content[-1] ^= 1
    run.initial_weights.write_bytes(content)
    train_here(run, planned=3)
    assert [event.epoch for event in epochs_of(run)] == [1, 2, 3]
    # BUT one that would begin with them fails and says so
    (other,) = planning.create(store, plan(wanted(other_corpus, init_from=source.id), store))
    other.initial_weights.write_bytes(content)
    train_here(other)
    failed = record_of(other)[-1]
    assert isinstance(failed, events.StateChanged)
    assert failed.state == "failed"
    assert failed.reason.startswith("initial.safetensors: damaged")


def test_nobody_can_tell_what_leaks_once_a_corpus_has_changed(
    store: RunStore, source: RunDirectory, small_corpus: Path, other_corpus: Path
) -> None:
    with (small_corpus / "Sumo.txt").open("a") as file:
        file.write("Sumunosom\n")
    with pytest.raises(UsageError, match=f"the corpus of run {source.id} has changed since"):
        plan(wanted(other_corpus, init_from=source.id, seed=1), store)


async def test_a_source_that_ended_otherwise_fails_the_run_and_says_what_to_do(
    store: RunStore, watch: Watch, small_corpus: Path, other_corpus: Path
) -> None:
    planned = plan(wanted(small_corpus, pretrain=str(other_corpus), settings=["batch_size=8"]), store)
    earlier, run = planning.create(store, planned)
    watch.client.start(earlier)
    await watch.until(events.RunStarted)
    watch.client.send(earlier.id, commands.Stop())
    await watch.until_state("stopped")
    watch.client.start(run)
    failed = await watch.until_state("failed")
    assert failed.reason == (f"cannot start from run {earlier.id}, which is stopped: resume it first, then this run")


def test_a_source_outside_the_folder_of_runs_is_no_run(create: Create) -> None:
    run = create(3)
    text = run.config_file.read_text().replace('"init_from": ""', '"init_from": "../../etc"')
    run.config_file.write_text(text)
    with pytest.raises(Exception, match="is not a run's id"):
        run.config()
