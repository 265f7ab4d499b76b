"""Probes of a network and the verdict that is computed from them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from namestui.data.corpus import Cleaning, Corpus, load_corpus
from namestui.engine.evidence.comparison import Comparison, Reach, Side, compare
from namestui.engine.evidence.prober import Prober
from namestui.engine.evidence.probes import REACH, Probe, gradient_norms, probe, shares, spectral_radius
from namestui.engine.evidence.verdict import verdict
from namestui.engine.nets.ngram import NGram
from namestui.engine.nets.recurrent import LSTM, TanhRNN
from namestui.engine.nets.rnn import RNN
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Server
from namestui.engine.training.batches import NameSet
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.training.trainer import Trainer
from namestui.runs import events
from namestui.runs.config import RunConfig
from namestui.runs.events import EpochsPlanned, GateUse, LoggedEvent, Probed, TestScored
from namestui.runs.history import History
from namestui.runs.store import RunStore
from tests.command_line import invoke
from tests.watching import record_of

CORPUS = Corpus(("A", "B"), ("abcdefghijklm", "nopqrstuvwxyz", "Bo"), (0, 1, 0), Cleaning())


def test_gradients_of_the_rnn_are_those_of_its_closed_form() -> None:
    torch.manual_seed(0)
    model = RNN(57, 16, 2)
    found = shares(gradient_norms(model, CORPUS, [0, 1, 2]))
    assert len(found) == REACH
    assert found[0] == 1.0
    # The gradient at distance k is the scores' table times the error: the logits are linear in each letter.
    table = model.letter_scores(REACH).scores[:, :57].detach()  # (T, V, C)
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
    assert gradient_norms(NGram(57, 16, 2), CORPUS, [0, 1]) == []
    assert gradient_norms(LSTM(57, 16, 2), CORPUS, [2]) == []


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


def side(model: str, hits: list[bool], near: float, far: float, reach: float | None, **more: Any) -> Side:
    gradients: list[float | None] | None = None if reach is None else [1.0] * 11 + [reach]
    suffixes = {1: near, 2: near, 3: near, 4: far, 6: far, 8: far}
    probed = more.pop("probed", [])
    seen = Probe(np.array(hits), suffixes, gradients, more.pop("radius", None), 1.0, **more)
    return Side(model.upper(), model, seen, Reach(0, [1.0] * 11 + [0.001], 1.0), probed, 5)


def probed_at(epoch: int, reach: float | None) -> Probed:
    return Probed(
        time=0.0, run="x", seq=epoch, epoch=epoch, names=1, accuracy=1.0, by_length=[], by_ending=[], last_gradient=1.0,
        gradients=[1.0] * 11 + [reach], spectral_radius=None, gates=[], contributions=[], seconds=0.0,
    )  # fmt: skip


def forget(mean: float, shut: float, opened: float) -> list[GateUse]:
    return [
        GateUse(gate="input", mean=0.1, shut=1.0, open=0.0),
        GateUse(gate="forget", mean=mean, shut=shut, open=opened),
    ]


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
        (0.8, 1.0, ("Long-range memory is not needed for half", "not supported as the reason: once trained, none")),
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
    # and linearity is what is left only where nothing of it supports another explanation
    assert ("linearity" in text) == (near == 0.8)


@pytest.mark.parametrize(
    ("lstm", "rnn", "expected"),
    [
        ([0.5, 1.0], [0.4, 0.3, 2.0], "RNN begin with a vanished one, but after one epoch none is vanished"),
        ([0.5, 1.0], [0.4, 0.3, 2.0], "The least of RNN's in 3 probes after an epoch is 0.3."),
        ([0.5], [0.01, 0.02, 0.7], "supported there: RNN's vanishes, but no longer at epoch 3."),
        ([0.5], [0.01, 0.02], "supported there: RNN's vanishes at every probe."),
        ([0.05], [0.01], "does not support the usual explanation: after an epoch both vanish."),
        ([0.05], [0.5], "does not support the usual explanation: after an epoch LSTM's vanishes."),
    ],
)
def test_how_reach_changed_while_they_learned(lstm: list[float], rnn: list[float], expected: str) -> None:
    probed = [[probed_at(epoch, reach) for epoch, reach in enumerate([0.001, *found])] for found in (lstm, rnn)]
    better, other = (
        side(model, hits, 0.4, 0.4, 1.0, probed=seen)
        for model, hits, seen in (("lstm", HITS, probed[0]), ("rnn", MISSES, probed[1]))
    )
    text = "\n".join(verdict(comparison(better, other)))
    assert expected in text
    in_all = next(line for line in verdict(comparison(better, other)) if line.startswith("The usual explanation ("))
    assert ("; it is by" in in_all and in_all.endswith("one epoch.")) == ("supported there" in expected)


def test_a_record_without_probes_says_nothing_of_the_way() -> None:
    better, other = side("lstm", HITS, 0.8, 0.8, 1.0), side("rnn", MISSES, 0.4, 0.4, 1.0, probed=[probed_at(1, 0.5)])
    assert "after an epoch" not in "\n".join(verdict(comparison(better, other)))


@pytest.mark.parametrize(
    ("radius", "contributions", "expected", "dies"),
    [
        (1.11, [1.5, 0.9, 1.56], "not below 1, so it need not fade; its last letter adds 1.50 nats", False),
        (0.4, [1.5, 0.3, 0.05], "below 1, so its hidden state fades in the long run; its last letter adds", True),
        (0.4, [1.5, 0.3, None], "the 2nd from the end 0.30, 20% of that: contributions do not die out", False),
    ],
)
def test_what_the_rnn_carries(radius: float, contributions: list[float | None], expected: str, dies: bool) -> None:
    better = side("lstm", HITS, 0.8, 0.8, 1.0)
    other = side("rnn", MISSES, 0.4, 0.4, 1.0, radius=radius, contributions=contributions)
    lines = verdict(comparison(better, other))
    assert expected in "\n".join(lines)
    in_all = next(line for line in lines if line.startswith("The usual explanation ("))
    assert (" and what RNN's letters add by distance." in in_all) != dies
    assert ("it is by what RNN's letters add by distance." in in_all) == dies


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        (forget(0.59, 0.07, 0.17), "lies between, and neither keeps nor forgets"),
        (forget(0.9, 0.05, 0.8), "most of it is open, and keeps what is there"),
        (forget(0.1, 0.9, 0.0), "most of it is shut, and forgets"),
        (forget(0.5, 0.4, 0.4), "most of it is saturated, open or shut"),
    ],
)
def test_what_the_forget_gate_does(gates: list[GateUse], expected: str) -> None:
    better, other = side("lstm", HITS, 0.8, 0.8, 1.0, gates=gates), side("rnn", MISSES, 0.4, 0.4, 1.0)
    text = "\n".join(verdict(comparison(better, other)))
    assert expected in text
    assert f"lets {gates[1].mean:.0%} of the state through" in text
    assert "The input gate" not in text


def test_the_usual_explanation_is_weighed_only_where_it_is_usual() -> None:
    better, other = side("rnn", HITS, 0.8, 0.8, 1.0), side("lstm", MISSES, 0.4, 0.4, 1.0)
    text = "\n".join(verdict(comparison(better, other)))
    assert "(vanishing gradients, long-range memory)" not in text
    assert "linearity" not in text


def trained(store: RunStore, corpus: Path, model: str, seed: int = 0, *, is_probed: bool = True) -> str:
    """A run of two epochs, made here and not by a worker."""
    from namestui.engine.nets.weights import save_best

    run = store.create(
        RunConfig(
            model=model, corpus=str(corpus), seed=seed, split_seed=seed, epochs=2, batch_size=16, learning_rate=0.01,
            weight_decay=0.0, hidden_size=8,
        )
    )  # fmt: skip
    loaded = load_corpus(corpus)
    trainer, prober = Trainer(run.config(), loaded, torch.device("cpu")), Prober([], 0.0)
    recorder = Recorder(run, Server(run.path / "socket", run.id, 0, "running"), History())
    if is_probed:
        recorder.log(Probed(**prober.probe(trainer, 0)))
    for step in trainer.run():
        if isinstance(step, EpochDone) and is_probed:
            recorder.log(Probed(**prober.probe(trainer, step.epoch)))
    assert trainer.epoch == 2
    recorder.close()
    save_best(run, trainer.best_weights, trainer.config, loaded.labels)
    return run.id


@pytest.fixture
def long_names(small_corpus: Path) -> Path:
    """The small corpus with names long enough for the gradient probe."""
    for path in small_corpus.glob("*.txt"):
        names = path.read_text(encoding="utf-8").split()
        doubled = [(one + other).capitalize() for one, other in zip(names, reversed(names), strict=True)]
        path.write_text("\n".join([*names, *doubled]) + "\n", encoding="utf-8")
    return small_corpus


@pytest.mark.parametrize("is_probed", [True, False])
def test_the_command_prints_both_sides(store: RunStore, long_names: Path, is_probed: bool) -> None:
    rnn, lstm = (trained(store, long_names, model, is_probed=is_probed) for model in ("rnn", "lstm"))
    shown = invoke("explain", rnn, lstm, COLUMNS="100")
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    rows = {line.split("  ")[0]: line for line in shown.output.splitlines() if not line.startswith("  ")}
    assert {"validation accuracy", "spectral radius", "forget gate, mean"} <= set(rows)
    assert rows["spectral radius"].count("-") == rows["forget gate, mean"].count("-") == 1
    assert "  nats, the last letter" in shown.output
    # What changed while they learned is told where it was recorded; what they began with, always.
    assert shown.output.count("  untrained  ") == 2
    assert ("  after epoch 1  " in shown.output) == ("  last epoch (2)" in shown.output) == is_probed


def test_what_was_recorded_before_training_is_not_computed_again(store: RunStore, long_names: Path) -> None:
    run = trained(store, long_names, "rnn", is_probed=False)
    recorded = probed_at(0, 0.123)
    recorder = Recorder(store.get(run), Server(store.get(run).path / "socket", run, 0, "running"), History())
    recorder.log(recorded)
    recorder.close()
    found = compare(store.get(run), store.get(trained(store, long_names, "lstm")))
    (side,) = (side for side in (found.better, found.other) if side.model == "rnn")
    assert side.untrained == Reach(0, recorded.gradients, 1.0)


def test_the_best_epoch_of_an_extended_run_is_not_the_one_before(store: RunStore, long_names: Path) -> None:
    run, other = (store.get(trained(store, long_names, model)) for model in ("rnn", "lstm"))
    seq = itertools.count(len(record_of(run)))
    scored = TestScored(
        time=0.0, run=run.id, seq=0, best_epoch=2, rows=9, accuracy=0.5, low=0.4, high=0.6, macro_f1=0.5
    )

    def best_epoch(*logged: LoggedEvent) -> int | None:
        with run.events_file.open("ab") as file:
            file.writelines(events.encode(msgspec.structs.replace(event, seq=next(seq))) for event in logged)
        found = compare(run, other)
        (side,) = (side for side in (found.better, found.other) if side.model == "rnn")
        return side.best.epoch

    assert best_epoch() is None
    assert best_epoch(scored) == 2
    # GIVEN that it is trained on: there may be better weights since, of an epoch that nobody has named yet
    assert best_epoch(EpochsPlanned(time=0.0, run=run.id, seq=0, epochs=4)) is None
    assert best_epoch(msgspec.structs.replace(scored, best_epoch=3)) == 3


def test_lines_are_as_short_as_the_terminal(store: RunStore, long_names: Path) -> None:
    runs = [trained(store, long_names, model) for model in ("rnn", "rnn", "gru", "ngram")]
    for other in runs[1:]:
        shown = invoke("explain", runs[0], other, COLUMNS="66")
        assert shown.exit_code == 0
        assert max(map(len, shown.output.splitlines())) <= 66
    # two of one model are told apart
    shown = invoke("explain", *runs[:2])
    for run in runs[:2]:
        assert f"RNN {run[-4:]}" in shown.output


def test_what_cannot_be_compared_is_refused(store: RunStore, small_corpus: Path) -> None:
    rnn, other = trained(store, small_corpus, "rnn"), trained(store, small_corpus, "lstm", seed=1)
    refused = invoke("explain", rnn, other)
    assert refused.exit_code == 2
    assert "nothing can be compared" in refused.output
