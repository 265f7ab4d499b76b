"""Probes of a network and the verdict that is computed from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from typer.testing import CliRunner

from namestui.data.corpus import Cleaning, Corpus, load_corpus
from namestui.engine.batches import NameSet
from namestui.engine.explain import Comparison, Side, verdict
from namestui.engine.models import LSTM, RNN, NGram, TanhRNN
from namestui.engine.probes import REACH, Probe, gradients_by_distance, probe, spectral_radius
from namestui.engine.trainer import EpochDone, Trainer
from namestui.runs.config import Model, RunConfig
from namestui.runs.store import RunStore
from namestui.tui.cli import app

CORPUS = Corpus(("A", "B"), ("abcdefghijklm", "nopqrstuvwxyz", "Bo"), (0, 1, 0), Cleaning())


def test_gradients_of_the_rnn_are_those_of_its_closed_form() -> None:
    torch.manual_seed(0)
    model = RNN(57, 16, 2)
    found = gradients_by_distance(model, CORPUS, [0, 1, 2])
    assert found is not None
    assert len(found) == REACH
    assert found[0] == 1.0
    # The gradient at distance k is the scores' table times the error: the logits are linear in each letter.
    table = model.scores(REACH)[:, :57].detach()  # (T, V, C)
    letters = torch.tensor([list(range(1, 13)), list(range(14, 26))])  # the last 12 of each name
    error = model(letters).exp() - F.one_hot(torch.tensor([0, 1]), 2)
    # Row k > 0 of the table holds the bias of i2h too, which is no part of the gradient: take differences of letters.
    for distance in range(1, REACH):
        weights = model.i2o.weight[:, 57:]
        for _ in range(distance - 1):
            weights = weights @ model.i2h.weight[:, 57:]
        scores = (weights @ model.i2h.weight[:, :57]).t()  # (V, C)
        torch.testing.assert_close(table[distance] - table[distance][0], scores - scores[0], rtol=0, atol=1e-5)
        norms = [float((scores @ one).norm().detach()) for one in error]
        nearest = [float((model.i2o.weight[:, :57].t() @ one).norm().detach()) for one in error]
        assert found[distance] == pytest.approx(np.mean(norms) / np.mean(nearest), rel=1e-3)


def test_networks_without_steps_or_names_too_short_have_no_gradients() -> None:
    assert gradients_by_distance(NGram(57, 16, 2), CORPUS, [0, 1]) is None
    assert gradients_by_distance(LSTM(57, 16, 2), CORPUS, [2]) is None


def test_the_spectral_radius() -> None:
    model = RNN(57, 3, 2)
    with torch.no_grad():
        model.i2h.weight[:, 57:] = torch.diag(torch.tensor([0.5, -2.0, 1.0]))
    assert spectral_radius(model) == pytest.approx(2.0)
    assert spectral_radius(TanhRNN(57, 3, 2)) is not None
    assert spectral_radius(LSTM(57, 3, 2)) is None


def test_a_probe_counts_right_answers_in_the_order_of_the_rows(small_corpus: Path) -> None:
    corpus = load_corpus(small_corpus)
    torch.manual_seed(0)
    model = LSTM(57, 16, len(corpus.labels)).eval()
    rows = list(range(len(corpus.names)))[::-1]
    found = probe(model, corpus, rows)
    alone = NameSet(corpus, rows[:1], torch.device("cpu")).in_order(1)[0]
    assert found.correct[0] == (model(alone.letters).argmax(1) == alone.targets).item()
    assert found.accuracy == pytest.approx(found.correct.mean())
    assert set(found.by_suffix) == {1, 2, 3, 4, 6, 8}


def side(model: str, hits: list[bool], near: float, far: float, reach: float | None) -> Side:
    gradients = None if reach is None else [1.0] * 11 + [reach]
    suffixes = {1: near, 2: near, 3: near, 4: far, 6: far, 8: far}
    return Side(model.upper(), model, Probe(np.array(hits), suffixes, gradients, None), [1.0] * 11 + [0.001])


def comparison(better: Side, other: Side, low: float = 0.05) -> Comparison:
    hits = better.probe.correct.astype(float) - other.probe.correct
    return Comparison(better, other, np.full(len(hits), 7), float(hits.mean()), low, 1.0)


HITS, MISSES = [True] * 8 + [False] * 2, [True] * 4 + [False] * 6


def test_no_difference_is_called_none() -> None:
    better, other = side("lstm", HITS, 0.5, 0.8, 1.0), side("rnn", MISSES, 0.5, 0.4, 1.0)
    (only,) = verdict(comparison(better, other, low=-0.01))
    assert "no difference is shown" in only


@pytest.mark.parametrize(
    ("near", "reach", "expected"),
    [
        (0.8, 1.0, ("Long-range memory does not explain it", "not supported as the reason: once trained, none")),
        (0.4, 1.0, ("Letters further back matter: it takes the last 4", "not supported as the reason: once trained")),
        (0.4, 0.001, ("Letters further back matter", "The usual explanation is supported: RNN's gradient vanishes")),
    ],
)
def test_the_verdict_follows_the_numbers(near: float, reach: float, expected: tuple[str, ...]) -> None:
    better, other = side("lstm", HITS, near, 0.8, 1.0), side("rnn", MISSES, 0.4, 0.4, reach)
    text = "\n".join(verdict(comparison(better, other)))
    assert "LSTM is better than RNN by +40.0 points" in text
    for sentence in expected:
        assert sentence in text


def trained(store: RunStore, corpus: Path, model: Model, seed: int = 0) -> str:
    from namestui.engine.checkpoint import save_best

    run = store.create(
        RunConfig(
            model=model, corpus=str(corpus), seed=seed, split_seed=seed, epochs=2, batch_size=16, learning_rate=0.01,
            weight_decay=0.0, hidden_size=8,
        )
    )  # fmt: skip
    loaded = load_corpus(corpus)
    trainer = Trainer(run.config(), loaded, torch.device("cpu"))
    assert sum(isinstance(step, EpochDone) for step in trainer.run()) == 2
    save_best(run, trainer.best_weights, trainer.config, loaded.labels, "x" * 57)
    return run.id


def test_the_command_prints_both_sides_and_refuses_what_cannot_be_compared(store: RunStore, small_corpus: Path) -> None:
    rnn, lstm = trained(store, small_corpus, "rnn"), trained(store, small_corpus, "lstm")
    shown = CliRunner().invoke(app, ["explain", rnn, lstm])
    assert shown.exit_code == 0
    assert "validation accuracy" in shown.output
    assert "RNN" in shown.output
    refused = CliRunner().invoke(app, ["explain", rnn, trained(store, small_corpus, "lstm", seed=1)])
    assert refused.exit_code == 2
    assert "nothing can be compared" in refused.output
