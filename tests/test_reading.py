"""How a run reads names: as its config says, those of its corpus and those that are asked; older runs as ever."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from namestui.data.corpus import load_corpus
from namestui.engine.evidence.predictor import UnreadableNameError, classify
from namestui.engine.planning.plan import UsageError, Wanted, plan
from namestui.runs import commands
from namestui.runs.config import (
    MODELS,
    ConfigError,
    RunConfig,
    decode_config,
    encode_config,
    reading_of_names,
    resolve_corpus,
)
from namestui.runs.events import EpochFinished, RunStarted, StateChanged
from namestui.runs.models import reported
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.state.reading import reading_note
from tests.test_gates_and_letters import CLASSES, built
from tests.watching import Create, Watch, record_of


def forget_reading(config: RunConfig) -> bytes:
    """``config.json`` as it was before readings were recorded."""
    fields = json.loads(encode_config(config))
    del fields["reading"]
    return json.dumps(fields).encode()


def test_recipes_say_how_names_are_read() -> None:
    assert {make_config(model).reading for model in MODELS} == {"transliterated"}
    assert {make_config(model, recipe="report").reading for model in reported()} == {"strict"}


def test_configs_from_before_mean_what_was_done_then() -> None:
    config = decode_config(forget_reading(make_config("rnn", corpus="/names")))
    assert config.reading == reading_of_names(config) == "legacy"
    # AND the bundled names were transliterated already
    bundled = decode_config(forget_reading(make_config("rnn")))
    assert (bundled.reading, reading_of_names(bundled)) == ("legacy", "transliterated")
    report = decode_config(forget_reading(make_config("rnn", recipe="report")))
    assert reading_of_names(report) == "legacy"
    with pytest.raises(ConfigError):
        decode_config(encode_config(make_config("rnn")).replace(b'"transliterated"', b'"loosely"'))


def test_a_name_is_read_as_the_corpus_was() -> None:
    model = built("rnn")
    assert classify(model, CLASSES, "Weiß", "transliterated").read == "Weiss"
    strict = classify(model, CLASSES, "Weiß", "strict")
    assert (strict.read, strict.dropped) == ("Wei", "ß")
    with pytest.raises(UnreadableNameError, match="no letter of the alphabet"):
        classify(model, CLASSES, " - ", "transliterated")
    with pytest.raises(UnreadableNameError, match="300 letters"):
        classify(model, CLASSES, "ß" * 150, "transliterated")


@pytest.mark.parametrize(
    ("name", "read", "dropped", "note"),
    [
        ("Weiß", "Weiss", "", "read as Weiss"),
        ("Weiß", "Wei", "ß", "read as Wei; not in the alphabet: ß"),
        (" Béla ", "Bela", "", ""),
        ("Smith-Jones", "Smith Jones", "", "read as Smith Jones"),
        ("Bo\x1b", "Bo", "\x1b", r"read as Bo; not in the alphabet: \x1b"),
    ],
)
def test_what_is_said_of_it(name: str, read: str, dropped: str, note: str) -> None:
    assert reading_note(name, read, dropped) == note


async def test_older_runs_resume_as_they_began(watch: Watch, create: Create, small_corpus: Path) -> None:
    with (small_corpus / "Abban.txt").open("a") as names:
        names.write("Abß\nBa-dß\n")
    older, newer = create(2), create(2, reading="transliterated")
    older.config_file.write_bytes(forget_reading(older.config()))
    for run, reading, read in ((older, "legacy", "A"), (newer, "transliterated", "Ass")):
        watch.client.start(run)
        await watch.until(StateChanged, lambda event, run=run: (event.run, event.state) == (run.id, "finished"))
        assert (await watch.ask(run, commands.Predict(name="Aß"))).read == read
        started = record_of(run)[0]
        assert isinstance(started, RunStarted)
        assert started.corpus_fingerprint == load_corpus(small_corpus, reading=reading).fingerprint()
        # AND it trains on where it is extended, for its corpus is the same
        watch.client.send(run.id, commands.Extend(epochs=1))
        await watch.until(EpochFinished, lambda event, run=run: (event.run, event.epoch) == (run.id, 3))


def test_an_empty_corpus_is_no_corpus(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="the corpus is empty"):
        plan(Wanted(models=["rnn"], corpus=""), store)
    with pytest.raises(ConfigError, match="there is no such user"):
        resolve_corpus("~nobody-of-this-name/names")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigError, match="the current folder is gone"):
        resolve_corpus("names")
    with pytest.raises(ConfigError, match="corpus"):
        decode_config(encode_config(msgspec.structs.replace(make_config("rnn"), corpus="")))


def test_a_plan_says_what_was_replaced(store: RunStore, small_corpus: Path) -> None:
    with (small_corpus / "Abban.txt").open("a") as names:
        names.write("Abß\n")
    assert plan(Wanted(models=["rnn"], corpus=str(small_corpus)), store).summary == [
        "1 names had letters replaced: ß→ss"
    ]
    report = plan(Wanted(models=["rnn"], corpus=str(small_corpus), recipe="report"), store)
    assert report.summary == ["1 names lost characters outside the alphabet: ß"]
