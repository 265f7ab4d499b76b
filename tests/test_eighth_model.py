"""One more model is one class and one entry: it is planned, trained, probed, asked, scored and explained like any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from textual.app import App
from torch import Tensor, nn
from typer.testing import CliRunner

from namestui.engine.nets.network import NETWORKS, LetterTable, Network
from namestui.engine.planning.plan import create, plan
from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.runs.config import decode_config
from namestui.runs.events import Probed, TestScored
from namestui.runs.models import MODELS, Model
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.cli.app import app
from namestui.tui.dialogs.new_run import NewRun, Tick
from namestui.tui.state.config_file import ConfigFile
from tests.training_here import train_here
from tests.watching import record_of

ENTRY = Model(
    name="letters",
    title="letter bag",
    recipe={"epochs": 3, "batch_size": 16, "learning_rate": 0.05, "weight_decay": 0.0, "ema": 0.5},
    additive=True,
    transferable=False,
    without_use=frozenset({"hidden_size", "dropout", "forget_bias", "precision"}),
)


@pytest.fixture(autouse=True)
def eighth(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The class and the entry."""

    class LetterBag(Network, model="letters"):
        """Counts letters, wherever they stand."""

        def __init__(self, symbols: int, hidden: int, classes: int) -> None:  # noqa: ARG002
            super().__init__()
            self.i2o = nn.EmbeddingBag(symbols + 1, classes, mode="sum")
            self.i2o_bias = nn.Parameter(torch.zeros(classes))

        def forward(self, letters: Tensor) -> Tensor:
            return (self.i2o(letters) + self.i2o_bias).log_softmax(1)

        def letter_scores(self, length: int) -> LetterTable:
            return LetterTable(self.i2o.weight.expand(length, -1, -1), self.i2o_bias)

    monkeypatch.setitem(MODELS, "letters", ENTRY)
    yield
    del NETWORKS["letters"]


def trained(store: RunStore, corpus: Path, model: str) -> RunDirectory:
    """A finished run, from the plan on."""
    (run,) = create(store, plan(Wanted(models=[model], corpus=str(corpus), epochs=2, device="cpu"), store))
    train_here(run)
    return run


def test_from_the_plan_to_the_verdict(store: RunStore, small_corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN that it is trained by its recipe, and a network to compare it with
    run = trained(store, small_corpus, "letters")
    other = trained(store, small_corpus, "lstm")
    assert capsys.readouterr().err == ""
    config = decode_config(run.config_file.read_bytes())
    assert (config.model, config.batch_size, config.ema) == ("letters", 16, 0.5)
    # THEN its record has scores and probes
    record = record_of(run)
    assert [len(event.by_class) for event in record if isinstance(event, TestScored)] == [3]
    probes = [event for event in record if isinstance(event, Probed)]
    assert {0, 1, 2} <= {event.epoch for event in probes}
    assert all(event.contributions and not event.gates and not event.gradients for event in probes)
    # AND it answers, letter by letter since it adds them up
    commands = CliRunner()
    shown = commands.invoke(app, ["predict", "--run", run.id, "--letters", "--json", "Badban"])
    assert shown.exit_code == 0
    answer = json.loads(shown.stdout)
    assert [one["letter"] for one in answer["letters"]] == list("Badban")
    assert answer["bias"] + sum(one["score"] for one in answer["letters"]) > 0
    # AND it is compared
    shown = commands.invoke(app, ["explain", run.id, other.id], env={"COLUMNS": "100"})
    assert shown.exit_code == 0
    assert "letter bag" in shown.output
    assert "a letter adds for or against the true class" in shown.output
    # AND is listed
    assert "letters" in commands.invoke(app, ["runs"]).output


def test_what_its_entry_says_is_obeyed(store: RunStore, small_corpus: Path) -> None:
    wanted = {"models": ["letters"], "corpus": str(small_corpus), "device": "cpu"}
    with pytest.raises(UsageError, match="letters does not use dropout"):
        plan(Wanted(**wanted, settings=["dropout=.2"]), store)
    with pytest.raises(UsageError, match="the report trained no letters"):
        plan(Wanted(**wanted, recipe="report"), store)
    run = trained(store, small_corpus, "letters")
    with pytest.raises(UsageError, match="letters cannot start from other weights"):
        plan(Wanted(**wanted, init_from=run.id), store)


async def test_it_is_offered_beside_the_others(store: RunStore) -> None:
    screen = NewRun(store, ConfigFile(None))
    async with App[None]().run_test() as pilot:
        await pilot.app.push_screen(screen)
        assert [str(tick.label) for tick in screen.query(Tick)][-2:] == ["n-gram", "letter bag"]
