"""Strategies: what can arrive from one run, in any order, with text that would steer a terminal."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from namestui.engine.link.updates import Update, WorkerGone, WorkerSilent
from namestui.runs import events
from namestui.runs.events import FORMAT, Example, LetterScore, PartCounts, Prediction, State
from tests.fake_engine import NOW

RUN = "20261123-214207-lstm-k3f9"
LABELS = ("Abban", "Kirik", "Sumo")
STATES: tuple[State, ...] = get_args(State)

NASTY = (
    "[red]x[/]",
    "[/]",
    "[@click=app.quit]x[/]",
    "\x1b[2J",
    "\x1b]0;owned\x07",
    "\x9b31m",
    "a\nb",
    "\r",
    "\u202e",
    "$x",
)
nasty_text = st.lists(st.sampled_from(NASTY) | st.text(max_size=6), max_size=3).map("".join)
"""Markup, escape sequences, line breaks, bidirectional overrides, and anything else."""

share = st.floats(0, 1)
loss = st.none() | st.floats(0, 1e12)
speed = st.floats(0, 1e7).filter(lambda value: value == 0 or value > 1e-3)
epoch = st.integers(0, 100_000)
count = st.integers(0, 100_000)
part = st.builds(PartCounts, rows=count, by_class=st.lists(count, max_size=3))
config = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["rnn", "lstm"]) | nasty_text,
        "epochs": st.integers(1, 100_000),
        "corpus": nasty_text,
        "split": nasty_text,
        "seed": st.integers(0, 9),
    },
)


def _event(kind: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if issubclass(kind, events.LoggedEvent):
        fields["seq"] = st.integers(0, 1000)
    return st.builds(kind, run=st.just(RUN), time=st.just(NOW), **fields)


run_started = _event(
    events.RunStarted,
    format=st.just(FORMAT),
    config=config,
    classes=st.just(list(LABELS)) | st.lists(nasty_text, min_size=1, max_size=4),
    alphabet=nasty_text,
    train=part,
    validation=part,
    test=part,
    majority_baseline=share,
    corpus_fingerprint=st.just(""),
    corpus_summary=st.lists(nasty_text, max_size=2),
    parameters=count,
    model_text=nasty_text,
    device=nasty_text,
)
epoch_finished = _event(
    events.EpochFinished,
    epoch=epoch,
    train_loss=loss,
    validation_loss=loss,
    train_accuracy=share,
    validation_accuracy=share,
    macro_f1=share,
    learning_rate=share,
    seconds=st.floats(0, 1e6),
    names_per_second=speed,
)
state_changed = _event(events.StateChanged, state=st.sampled_from(STATES), reason=nasty_text, epoch=epoch, batch=count)
part_of_one = st.none() | share
probed = _event(
    events.Probed,
    epoch=epoch,
    names=count,
    accuracy=share,
    by_length=st.lists(
        st.builds(
            events.LengthScore, low=st.integers(1, 20), high=st.integers(1, 200), names=count, accuracy=part_of_one
        ),
        max_size=3,
    ),
    by_ending=st.lists(st.builds(events.EndingScore, letters=st.integers(1, 9), accuracy=share), max_size=3),
    gradients=st.lists(loss, max_size=12),
    last_gradient=loss,
    spectral_radius=loss,
    gates=st.lists(
        st.builds(events.GateUse, gate=nasty_text, mean=part_of_one, shut=part_of_one, open=part_of_one), max_size=3
    ),
    contributions=st.lists(loss, max_size=12),
    seconds=share,
)
logged_event: st.SearchStrategy[events.Logged] = st.one_of(
    run_started,
    epoch_finished,
    state_changed,
    _event(
        events.Metrics,
        step=count,
        epoch=epoch,
        values=st.dictionaries(nasty_text | st.sampled_from(["train/loss", "validation/loss", "macro_f1"]), loss),
    ),
    _event(events.EpochsPlanned, epochs=st.integers(1, 100_000)),
    _event(events.CheckpointSaved, epoch=epoch, batch=count),
    _event(events.Alert, message=nasty_text),
    _event(
        events.TestScored,
        best_epoch=epoch,
        rows=count,
        accuracy=share,
        low=share,
        high=share,
        macro_f1=share,
        by_class=st.lists(
            st.builds(events.ClassScore, precision=st.none() | share, recall=st.none() | share, support=count)
        ),
    ),
    probed,
)
prediction = st.builds(Prediction, label=nasty_text, probability=share)
predicted = _event(
    events.Predicted,
    request=st.just("1"),
    name=nasty_text,
    read=nasty_text,
    dropped=nasty_text,
    predictions=st.lists(prediction, max_size=6),
    letters=st.lists(st.builds(LetterScore, letter=nasty_text, score=st.floats(-99, 99)), max_size=6),
    bias=st.none() | st.floats(-9, 9),
)
answer = st.one_of(
    predicted,
    _event(
        events.Examples,
        request=st.just("2"),
        true=st.integers(0, 3),
        predicted=st.integers(0, 3),
        examples=st.lists(st.builds(Example, name=nasty_text, probability=share), max_size=3),
        total=count,
    ),
    _event(events.Refused, request=st.just("1"), reason=nasty_text),
)
gpu = st.builds(
    events.GpuUse,
    index=st.integers(0, 3),
    name=nasty_text,
    use=st.none() | share,
    memory=st.none() | count,
    memory_total=st.none() | count,
    temperature=st.none() | st.floats(-20, 120),
    power=st.none() | st.floats(0, 900),
    power_limit=st.none() | st.floats(0, 900),
)
machine = _event(
    events.Machine,
    seconds=st.floats(0, 1e6),
    cores=st.floats(0.1, 512),
    cpu=st.none() | share,
    memory=st.none() | count,
    memory_total=st.none() | count,
    disk_free=st.none() | count,
    disk_total=st.none() | count,
    disk_read=st.none() | st.floats(0, 1e12),
    disk_written=st.none() | st.floats(0, 1e12),
    worker_cpu=st.none() | st.floats(0, 512),
    worker_memory=st.none() | count,
    gpus=st.lists(gpu, max_size=3, unique_by=lambda one: one.index),
)
wire_event: st.SearchStrategy[Update] = st.one_of(
    _event(events.Greeting, format=st.just(FORMAT), next_seq=count, state=st.sampled_from(STATES)),
    _event(events.Progress, epoch=st.integers(1, 1000), batch=count, batches=count, loss=loss, names_per_second=speed),
    _event(events.Notice, message=nasty_text),
    machine,
    _event(events.Confusion, epoch=epoch, matrix=st.lists(st.lists(count, max_size=4), max_size=4)),
)
worker_gone = st.builds(WorkerGone, run=st.just(RUN), reason=nasty_text, log_tail=st.lists(nasty_text, max_size=7))
worker_silent = st.builds(WorkerSilent, run=st.just(RUN), message=nasty_text)
any_update: st.SearchStrategy[Update] = st.one_of(logged_event, wire_event, worker_gone, worker_silent)
