"""Synthetic homes of many finished runs, written in seconds: what each has on disk is as a worker leaves it."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime

import msgspec

from namestui.runs.config import RunConfig, encode_config
from namestui.runs.created import stamped
from namestui.runs.events import (
    FORMAT,
    CheckpointSaved,
    EpochFinished,
    LoggedEvent,
    PartCounts,
    RunStarted,
    StateChanged,
    TestScored,
    encode,
)
from namestui.runs.models import MODELS
from namestui.runs.notes import Notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore, WorkerInfo, host_name

FIRST = 1.79e9
"""When the first run was made, in seconds since 1970; the others follow a minute apart."""
_LABELS = [f"Label {number}" for number in range(18)]
_PART = PartCounts(rows=1800, by_class=[100] * 18)


def write_runs(store: RunStore, count: int, *, epochs: int = 20, seed: int = 0) -> list[RunDirectory]:
    """``count`` runs of all models that differ in their settings; a tenth was interrupted, a fifth has notes."""
    dice = random.Random(seed)
    store.runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_write_run(store, number, epochs, dice) for number in range(count)]


def _write_run(store: RunStore, number: int, epochs: int, dice: random.Random) -> RunDirectory:
    model, time = dice.choice(list(MODELS)), FIRST + 60 * number
    moment = datetime.fromtimestamp(time, UTC)
    run = RunDirectory(store.runs / f"{moment:%Y%m%d-%H%M%S}-{model}-{number:04}")
    run.path.mkdir(mode=0o700)
    rate, size = dice.choice((0.003, 0.01, 0.03)), dice.choice((64, 128, 256))
    settings = [f"learning_rate={rate}", *([] if model == "ngram" else [f"hidden_size={size}"])]
    config = make_config(model, seed=dice.randrange(5), epochs=epochs, settings=settings)
    done = epochs if number % 10 else epochs // 2
    _write(run.config_file, stamped(encode_config(config), moment))
    _write(run.events_file, b"".join(map(encode, _log(run.id, config, time, done, dice.uniform(0.6, 0.84)))))
    worker = WorkerInfo(host=host_name(), boot_id="", pid=0, started=time, socket="")
    _write(run.worker_file, msgspec.json.encode(worker))
    _write(run.lock_file, b"")
    _write(run.log_file, b"loading the corpus\n")
    if number % 5 == 0:
        _write(run.notes_file, msgspec.json.encode(Notes(name=f"trial {number}", tags=[f"sweep{number % 7}"])))
    return run


def _log(run: str, config: RunConfig, time: float, done: int, top: float) -> list[LoggedEvent]:
    start = RunStarted(
        format=FORMAT,
        config=msgspec.to_builtins(config),
        classes=_LABELS,
        alphabet="abcdefghijklmnopqrstuvwxyz",
        train=_PART,
        validation=_PART,
        test=_PART,
        majority_baseline=0.5,
        corpus_fingerprint="0" * 64,
        corpus_summary=[],
        parameters=12_345,
        model_text="RNN()",
        device="cpu",
    )
    found: list[LoggedEvent] = [start, StateChanged(state="running", epoch=0, batch=0)]
    for epoch in range(1, done + 1):
        share = epoch / (epoch + 1)
        found.append(
            EpochFinished(
                epoch=epoch,
                train_loss=2 - share,
                validation_loss=2.1 - share,
                train_accuracy=share,
                validation_accuracy=top * share,
                macro_f1=0.5 * share,
                learning_rate=0.01,
                seconds=1.5,
                names_per_second=14_800.0,
            )
        )
        found.append(CheckpointSaved(epoch=epoch, batch=0, epochs=config.epochs, best_accuracy=top * share))
    if done == config.epochs:
        scored = TestScored(best_epoch=done, rows=1800, accuracy=top - 0.02, low=top - 0.04, high=top, macro_f1=0.5)
        found += [scored, StateChanged(state="finished", epoch=done, batch=0)]
    return [msgspec.structs.replace(event, run=run, time=time + 2 * seq, seq=seq) for seq, event in enumerate(found)]


def _write(path: os.PathLike[str], data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
