"""The user's file: each setting by itself, what is wrong said with its line, nothing of it an error."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.state.config import Config, NewRuns
from namestui.tui.state.config_file import MAX_BYTES, config_path, parse, read_config, setting_names

FILE = Path("/h/config.toml")
WHOLE = """\
theme = "light"
palette = "colour-blind"
home = "~/runs"

[keys]
pause = "k"

[new]
models = ["gru", "lstm"]
epochs = 30
corpus = "/data/names"
split = "random"
recipe = "report"
seed = 7
device = "cuda:1"

[notifications]
bell = true
desktop = "osc9"
hook = "notify --to 'me and you'"
"""


def sentences(text: str) -> list[str]:
    file = parse(text, FILE)
    return [file.sentence(problem) for problem in file.problems]


def test_every_setting_is_read_and_has_its_line() -> None:
    file = parse(WHOLE, FILE)
    assert file.problems == ()
    assert file.config.new == NewRuns(
        models=["gru", "lstm"],
        epochs=30,
        corpus="/data/names",
        split="random",
        recipe="report",
        seed=7,
        device="cuda:1",
    )
    assert (file.config.theme, file.config.palette, file.config.home) == ("light", "colour-blind", "~/runs")
    assert file.config.keys == {"pause": "k"}
    notices = file.config.notifications
    assert (notices.bell, notices.desktop, notices.hook) == (True, "osc9", "notify --to 'me and you'")
    assert set(file.lines) == {*setting_names(), "keys.pause"}
    written = WHOLE.split("\n")
    for setting, line in file.lines.items():
        assert written[line - 1].startswith(f"{setting.rpartition('.')[2]} = ")
    assert file.source("new.seed") == "config.toml:14"
    assert parse("", FILE).source("new.seed") == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nthem = "dark"', "2: unknown setting 'them'; did you mean theme?"),
        ('palette = "color-blind"', "1: palette = 'color-blind': expected standard or colour-blind; did you mean"),
        ("theme = 3", "1: theme = 3: expected dark or light"),
        ('home = "runs"', "1: home = 'runs': expected a path that begins with / or ~"),
        ("epochs = 3", "1: unknown setting 'epochs'; it belongs below [new]"),
        ('[new]\ntheme = "dark"', "2: unknown setting 'theme'; it belongs above the first [table]"),
        ("keys = 3", "1: keys is a table: write [keys] on a line of its own and its settings below"),
        ("[keys]\npause = 3", "2: pause = 3: expected text in quotes"),
        ('[new]\nmodels = ["rnn", "lstn"]', "2: models = ['rnn', 'lstn']: 'lstn' is none of rnn, lstm,"),
        ('[new]\nmodels = "rnn"', "2: models = 'rnn': expected a list of texts in quotes"),
        ("[new]\nmodels = []", "2: models = []: name at least one model"),
        ("[new]\n\nepochs = true", "3: epochs = true: expected a whole number"),
        ("[new]\nepochs = 0", "2: epochs = 0: expected 1 to 1000000"),
        ("[new]\nseed = -1", "2: seed = -1: expected 0 to 4294967295"),
        ('[new]\ndevice = "gpu:0"', "2: device = 'gpu:0': expected one of auto, cpu, cuda, mps, or cuda:1 and so on"),
        ('[new]\ncorpus = "names"', "2: corpus = 'names': expected bundled or a path that begins with / or ~"),
        ("[notifications]\ndesktop = true", "2: desktop = true: expected off or osc9 or osc777"),
        ("[notifications]\nbell = 1", "2: bell = 1: expected true or false"),
        ('[notifications]\nhook = "a \'b"', '2: hook = "a \'b": not a command line: no closing quotation'),
        ('x = "\\u001b[2J"\ny = 1\nx = 2', "3: not TOML: cannot overwrite a value"),
        ("theme", "1: not TOML: expected '=' after a key in a key/value pair"),
        ('theme = "dark', "1: not TOML: unterminated string"),
        ('"\\u001b[2J" = 1', "1: unknown setting '\\x1b[2J'"),
        ("x = " + "[" * 5000, "1: not TOML: nested too deep"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(text: str, said: str) -> None:
    (sentence,) = sentences(text)
    assert sentence.startswith(f"/h/config.toml:{said}")
    assert "\n" not in sentence and "\x1b" not in sentence


def test_a_wrong_setting_costs_no_other() -> None:
    file = parse(WHOLE.replace("epochs = 30", 'epochs = "many"').replace("light", "lite"), FILE)
    assert [problem.setting for problem in file.problems] == ["theme", "new.epochs"]
    whole = parse(WHOLE, FILE).config
    new = msgspec.structs.replace(whole.new, epochs=None)
    assert file.config == msgspec.structs.replace(whole, theme=None, new=new)


NAMES = st.sampled_from(["theme", "keys", "new", "notifications", "epochs", "models", "bell", "hook", "a.b", "x"])
SCALARS = st.none().map(lambda _: "dark") | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3))


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {as_toml(one)}' for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value if not "\ud800" <= letter <= "\udfff") + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_values_are_read_or_complained_of(table: dict[str, object]) -> None:
    text = "\n".join(f'"{key}" = {as_toml(value)}' for key, value in table.items())
    tomllib.loads(text)
    file = parse(text, FILE)
    # what is taken is of the struct's own types
    assert msgspec.convert(msgspec.to_builtins(file.config), Config) == file.config
    for problem in file.problems:
        assert 1 <= problem.line <= len(table), problem
        assert "\n" not in file.sentence(problem)


@given(st.text())
def test_any_text_is_read_or_complained_of(text: str) -> None:
    file = parse(text, FILE)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        (problem,) = file.problems
        assert (problem.setting, file.config) == ("", Config())
        assert 1 <= problem.line <= text.count("\n") + 1


class TestTheFile:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "mine.toml"
        monkeypatch.setenv("NAMESTUI_CONFIG", str(path))
        return path

    def problem(self) -> str:
        file = read_config()
        (problem,) = file.problems
        assert file.config == Config()
        return file.sentence(problem)

    def test_by_default_in_the_config_directory_where_it_need_not_be(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("NAMESTUI_CONFIG", raising=False)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setattr("sys.platform", "linux")
        assert config_path() == tmp_path / "namestui" / "config.toml"
        file = read_config()
        assert (file.config, file.problems, file.exists) == (Config(), (), False)

    def test_an_empty_variable_means_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NAMESTUI_CONFIG", "")
        assert read_config().path is None

    def test_a_variable_that_names_no_file_is_a_mistake(self, file: Path) -> None:
        assert self.problem() == f"{file}: NAMESTUI_CONFIG names no file"

    def test_a_link_is_followed(self, file: Path, tmp_path: Path) -> None:
        (tmp_path / "dotfiles").mkdir()
        (tmp_path / "dotfiles" / "real.toml").write_text('theme = "light"')
        file.symlink_to(tmp_path / "dotfiles" / "real.toml")
        assert read_config().config.theme == "light"

    def test_a_pipe_does_not_hold_up(self, file: Path) -> None:
        os.mkfifo(file)
        assert self.problem() == f"{file}: {file.name} is not a regular file"

    def test_a_folder(self, file: Path) -> None:
        file.mkdir()
        assert str(file) in self.problem()

    def test_too_large(self, file: Path) -> None:
        file.write_text("#" * (MAX_BYTES + 1))
        assert "more than 32,768 are not read" in self.problem()

    def test_another_encoding(self, file: Path) -> None:
        file.write_bytes('# gr\u00fcn\n\ntheme = "gr\u00fcn"'.encode("latin-1"))
        assert self.problem() == f"{file}:1: not UTF-8 text"


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "[0x" + "f" * 5000 + "]"])
def test_a_number_without_end_is_said_with_its_line(number: str) -> None:
    (sentence,) = sentences(f'theme = "dark"\n[new]\nseed = {number}\nepochs = 3\n')
    assert sentence.startswith("/h/config.toml:3: ")
    assert "a number of thousands of digits" in sentence
