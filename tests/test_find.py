"""Which run a person means."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from namestui.runs.config import encode_config
from namestui.runs.eventlog import EventLog
from namestui.runs.find import find_run
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunStore
from tests.fake_engine import EventMaker


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "home")


def scored(store: RunStore, run_id: str, accuracy: float, corpus: str = "bundled") -> RunDirectory:
    """A run with this id whose one epoch had this validation accuracy."""
    config = msgspec.structs.replace(make_config(run_id.split("-")[2]), corpus=corpus)
    run = store.get(run_id)
    run.path.mkdir(parents=True)
    run.config_file.write_bytes(encode_config(config))
    log, maker = EventLog(run.events_file), EventMaker(run.id)
    log.append(maker.run_started())
    log.append(maker.epoch(validation_accuracy=accuracy))
    log.close()
    return run


def test_best_compares_on_the_newest_corpus_alone(store: RunStore) -> None:
    scored(store, "20260101-000000-rnn-aaaa", 0.99, "/tmp/easy")
    best = scored(store, "20260102-000000-rnn-aaaa", 0.7)
    scored(store, "20260103-000000-lstm-aaaa", 0.6)
    assert find_run(store, "best").id == best.id
    easy = scored(store, "20260104-000000-rnn-aaaa", 0.9, "/tmp/easy")
    assert find_run(store, "best").id == "20260101-000000-rnn-aaaa"
    assert find_run(store, "last").id == easy.id


def test_a_model_means_its_newest_run(store: RunStore) -> None:
    scored(store, "20260101-000000-gru-aaaa", 0.5)
    newer = scored(store, "20260102-000000-gru-aaaa", 0.4)
    scored(store, "20260103-000000-rnn-aaaa", 0.6)
    assert find_run(store, "GRU").id == newer.id
    with pytest.raises(RunError, match="no run 'lstm'"):
        find_run(store, "lstm")
