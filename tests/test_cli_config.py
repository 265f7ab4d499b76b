"""``namestui config``, and what the user's file does to the other commands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from namestui.runs.store import RunStore
from namestui.tui.screen.keymap import keymap_of
from namestui.tui.state.config_file import parse, setting_names
from tests.command_line import Call


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, with nothing in it yet."""
    path = tmp_path / "config.toml"
    path.touch()
    monkeypatch.setenv("NAMESTUI_CONFIG", str(path))
    return path


@pytest.fixture
def bare_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a home nor a hook, now or when the test ends."""
    assert home
    for name in ("NAMESTUI_HOME", "NAMESTUI_HOOK"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_values_and_where_they_come_from(call: Call, file: Path, home: Path) -> None:
    file.write_text('\ntheme = "dark"\n[new]\nmodels = ["gru", "rnn"]\n[keys]\nhelp = "f1"\n')
    status, out, err = call("config")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == str(file)
    values = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[1:]}
    assert values["theme"] == "dark config.toml:2"
    assert values["palette"] == "standard default"
    assert values["new.models"] == "gru rnn config.toml:4"
    assert values["new.epochs"] == "the recipe's default"
    assert values["home"] == f"{home} NAMESTUI_HOME"
    assert values["keys.help"] == "f1 config.toml:6"
    assert values["keys.pause"] == "p,space default"


def test_as_json(call: Call, file: Path) -> None:
    file.write_text('[new]\nmodels = ["gru"]\nepochs = 0\n')
    status, out, err = call("config", "--json")
    assert (status, err) == (2, "")
    found = json.loads(out)
    assert (found["path"], found["exists"]) == (str(file), True)
    assert found["settings"]["new.models"] == {"value": ["gru"], "source": "config.toml:2"}
    assert found["settings"]["new.epochs"] == {"value": None, "source": "default"}
    assert found["problems"] == [{"line": 3, "text": "epochs = 0: expected 1 to 1000000"}]


def test_what_is_wrong_is_said_a_line_each(call: Call, file: Path) -> None:
    file.write_text('them = "dark"\n[keys]\nhelp = "o"\n')
    status, out, err = call("config")
    assert status == 2
    assert err.splitlines() == [
        f"namestui: {file}:1: unknown setting 'them'; did you mean theme?",
        f"namestui: {file}:3: help = 'o' clashes with all_runs, which has that key",
    ]
    assert "keys.help" in out


def test_no_file_is_no_mistake(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NAMESTUI_CONFIG", "")
    assert "NAMESTUI_CONFIG is empty" in call("config")[1]
    monkeypatch.delenv("NAMESTUI_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    status, out, _ = call("config")
    assert status == 0 and "no such file: all are defaults" in out.splitlines()[0]


@pytest.mark.usefixtures("bare_environment")
def test_home_and_hook_go_where_the_environment_has_none(call: Call, file: Path, tmp_path: Path) -> None:
    file.write_text(f'home = "{tmp_path}/elsewhere"\n[notifications]\nhook = "notify me"\n')
    status, _, err = call("runs")
    assert (status, err) == (0, "")
    assert os.environ["NAMESTUI_HOME"] == f"{tmp_path}/elsewhere"
    assert os.environ["NAMESTUI_HOOK"] == "notify me"


def test_the_environment_wins(call: Call, file: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMESTUI_HOOK", "")  # none at all
    file.write_text('home = "/elsewhere"\n[notifications]\nhook = "notify me"\n')
    assert call("runs")[0] == 0
    assert (os.environ["NAMESTUI_HOME"], os.environ["NAMESTUI_HOOK"]) == (str(home), "")
    out = call("config")[1]
    assert f"{home}" in out and "NAMESTUI_HOOK" in out


def detached(call: Call, *arguments: str) -> str:
    """Start runs without training them here; what was said."""
    status, _, err = call("train", "--detach", *arguments)
    assert status == 0, err
    return err


def test_new_runs_are_as_the_file_has_them_and_options_win(
    call: Call, file: Path, small_corpus: Path, store: RunStore
) -> None:
    file.write_text(f'[new]\nmodels = ["gru"]\nepochs = 2\ncorpus = "{small_corpus}"\nseed = 7\nsplit = "random"\n')
    err = detached(call)
    assert f"from {file}: models gru (line 2), epochs 2 (line 3), corpus {small_corpus} (line 4)" in err
    (run,) = store.all()
    config = run.config()
    assert (config.model, config.epochs, config.corpus) == ("gru", 2, str(small_corpus))
    assert (config.seed, config.split) == (7, "random")
    # what is given wins, also where it is the default
    err = detached(call, "rnn", "--seed", "0", "--epochs", "1")
    assert "models" not in err and "seed" not in err and "split random (line 6)" in err
    config = max(store.all(), key=lambda one: one.config().model).config()
    assert (config.model, config.epochs, config.seed, config.split) == ("rnn", 1, 0, "random")


def test_nothing_is_trained_with_settings_that_nobody_meant(call: Call, file: Path, store: RunStore) -> None:
    for text in ('[new]\nepochs = "many"', "[new]\nepoch = 3", "home = 3", "[new"):
        file.write_text(text)
        status, out, err = call("train", "rnn")
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"namestui: {file}:")
    file.write_text("[new]\nepochs = 0\nseed = -1")
    assert "(and 1 more: namestui config lists them)" in call("train", "rnn")[2]
    assert not store.all()


def test_a_mistake_keeps_nobody_from_a_run(call: Call, file: Path) -> None:
    file.write_text("[new")
    status, out, err = call("runs")
    assert (status, "no runs yet" in out) == (0, True)
    assert err == f"namestui: {file}:1: not TOML: expected ']' at the end of a table declaration\n"
    # and what has nothing to do with training is no reason not to train
    file.write_text("theme = 3")
    assert "theme" not in call("train", "nonsense")[2]


def test_the_page_of_settings_names_exactly_those_there_are() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "config.md").read_text(encoding="utf-8")
    named = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert named == setting_names()
    # and its example is a file without mistakes
    example = page.partition("```toml\n")[2].partition("```")[0]
    assert keymap_of(parse(example, Path("config.toml"))).file.problems == ()
