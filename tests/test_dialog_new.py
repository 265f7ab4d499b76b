"""``n``: what is asked is what is trained; what will not do is said there, and nothing is created."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from textual.widgets import Input, Static

from namestui.runs.store import RunStore
from namestui.tui.dialogs.new_run import NewRun, Tick
from namestui.tui.state.config_file import parse
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


async def opened(stage: Stage) -> NewRun:
    await stage.press("n")
    await stage.until(lambda: isinstance(stage.app.screen, NewRun), "the dialog")
    await stage.until(lambda: isinstance(stage.app.focused, Input), "the first field")
    return cast(NewRun, stage.app.screen)


def fill(dialog: NewRun, **texts: str) -> None:
    for name, text in texts.items():
        dialog.query_one(f"#new-{name}", Input).value = text


def tick(dialog: NewRun, *models: str) -> None:
    for box in dialog.query(Tick):
        box.value = (box.id or "").removeprefix("model-") in models


@SIZES
async def test_what_is_asked_is_trained_in_new_tabs(store: RunStore, small_corpus: Path, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        dialog = await opened(stage)
        tick(dialog, "gru", "lstm")
        fill(dialog, epochs="3", corpus=str(small_corpus), seed="7")
        await stage.press("enter")
        await stage.until(lambda: len(stage.main._runs) == 3, "two more")
        configs = [store.get(run_id).config() for run_id in stage.engine.started[1:]]
        assert sorted(config.model for config in configs) == ["gru", "lstm"]
        assert {(config.epochs, config.corpus, config.seed) for config in configs} == {(3, str(small_corpus), 7)}
        # the first of them is in front
        await stage.until(lambda: stage.main._runs.shown is list(stage.main._runs)[1], "in front")


async def test_letters_that_are_keys_elsewhere_are_letters_here(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        dialog = await opened(stage)
        await stage.type("qps")
        assert dialog.query_one("#new-epochs", Input).value == "qps"
        assert stage.engine.asked == []


@SIZES
@pytest.mark.parametrize(
    ("models", "texts", "said"),
    [
        ((), {}, "tick at least one model"),
        (("rnn",), {"epochs": "many"}, "epochs: 'many' is not a whole number"),
        (("rnn",), {"seed": "1.5"}, "seed: '1.5' is not a whole number"),
        (("rnn",), {"epochs": "0"}, "epochs"),
        (("rnn",), {"corpus": "/no/[b]such[/b]/folder"}, "/no/[b]such[/b]/folder"),
    ],
)
async def test_what_will_not_do_is_said_and_can_be_mended(
    store: RunStore, size: tuple[int, int], models: tuple[str, ...], texts: dict[str, str], said: str
) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        dialog = await opened(stage)
        tick(dialog, *models)
        fill(dialog, **texts)
        await stage.press("enter")
        wrong = dialog.query_one("#wrong", Static)
        await stage.until(lambda: said in str(wrong.content).replace("\n", ""), "said")
        await stage.until(lambda: stage.app.screen.region.contains_region(wrong.region), "in sight")
        # nothing is lost, and nothing was made of it
        assert all(dialog.query_one(f"#new-{name}", Input).value == text for name, text in texts.items())
        assert len(store.all()) == 1
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        assert len(store.all()) == len(stage.main._runs) == 1


@SIZES
async def test_what_is_left_empty_is_as_the_file_has_it(
    store: RunStore, small_corpus: Path, size: tuple[int, int]
) -> None:
    text = f'[new]\nmodels = ["gru"]\nepochs = 4\nseed = 9\ncorpus = "{small_corpus}"\nsplit = "random"\n'
    async with on_stage(store, models=["rnn"], size=size, config=parse(text, Path("/h/config.toml"))) as stage:
        dialog = await opened(stage)
        await stage.until_shown("[x] GRU", "epochs 4 (line 3)", "split random (line 6)")
        assert [box.id for box in dialog.query(Tick) if box.value] == ["model-gru"]
        fill(dialog, seed="7")
        await stage.press("enter")
        await stage.until(lambda: len(stage.main._runs) == 2, "one more")
        config = store.get(stage.engine.started[-1]).config()
        assert (config.model, config.epochs, config.seed, config.split) == ("gru", 4, 7, "random")
        assert config.corpus == str(small_corpus)


async def test_the_very_first_runs_are_as_the_file_has_them(store: RunStore) -> None:
    config = parse('[new]\nmodels = ["gru", "ngram"]\nepochs = 4\n', Path("/h/config.toml"))
    async with on_stage(store, config=config) as stage:
        await stage.until(lambda: len(stage.main._runs) == 2, "begun")
        configs = [store.get(state.run).config() for state in stage.main._runs]
        assert [(one.model, one.epochs) for one in configs] == [("gru", 4), ("ngram", 4)]


async def test_a_file_with_a_mistake_in_it_trains_nothing_by_itself(store: RunStore) -> None:
    config = parse("[new]\nepochs = 0\n", Path("/h/config.toml"))
    async with on_stage(store, config=config, expect_runs=False) as stage:
        await stage.until(lambda: "epochs = 0: expected 1 to 1000000" in stage.notices(), "said")
        assert store.all() == [] and stage.engine.started == []
