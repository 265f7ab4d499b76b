"""Keys from the user's file: what they do, where they are shown, and what is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.binding import BindingsMap
from textual.command import CommandPalette

from namestui.runs.store import RunStore
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.screen.actions import ACTIONS
from namestui.tui.screen.keymap import RESERVED, Keymap, key_called, keymap_of, owned_keys, shown
from namestui.tui.screen.main import MainScreen
from namestui.tui.state.config_file import parse
from tests.screen_stage import WIDE, on_stage
from tests.test_user_config import FILE


def keymap(*lines: str) -> Keymap:
    return keymap_of(parse("\n".join(["[keys]", *lines]), FILE))


def actions_by_key(keys: Keymap) -> dict[str, list[str]]:
    bindings = keys.rebind(BindingsMap(MainScreen.BINDINGS))
    return {key: [one.action for one in its] for key, its in bindings.key_to_bindings.items()}


def test_each_key_of_the_table_belongs_to_one_action() -> None:
    owned = owned_keys()
    keys = [key for its in owned.values() for key in its]
    assert sorted(keys) == sorted({key for action in ACTIONS for key in action.keys.split(",")})
    assert owned["pause"] == ("p", "space") and owned["resume"] == ("r",)
    assert {"tab_1", "tab_before", "tab_after", "command_palette", "copy"} <= set(owned)
    assert "resume_paused" not in owned


def test_without_a_file_nothing_changes() -> None:
    bindings = BindingsMap(MainScreen.BINDINGS)
    assert list(keymap().rebind(bindings)) == list(bindings)


def test_what_shares_a_key_moves_with_it() -> None:
    before, now = actions_by_key(keymap()), actions_by_key(keymap('pause = "f2"', 'resume = "T, f3"'))
    assert now["f2"] == before["p"] == before["space"]
    assert now["T"] == now["f3"] == before["r"]
    assert not {"p", "space", "r"} & set(now)
    assert next(iter(now)) == "f2", "the order in the foot is as before"


def test_two_may_change_places() -> None:
    keys = keymap('stop = "o"', 'all_runs = "s"')
    assert keys.file.problems == ()
    assert actions_by_key(keys)["o"] == ["stop"] and actions_by_key(keys)["s"] == ["all_runs"]


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        *(("F1", "f1"), ("esc", "escape"), ("*", "asterisk"), ("\\", "backslash"), ("comma", "comma"), ("Z", "Z")),
        *(("ctrl+O", "ctrl+o"), ("\u00e4", "\u00e4"), ("PgDn", "pagedown"), ("slash", "slash"), ("/", "slash")),
    ],
)
def test_keys_are_called_as_people_do(spelling: str, key: str) -> None:
    assert key_called(spelling) == key


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('resume_paused = "F1"', "resume_paused shares its keys with pause: re-map that one"),
        ('helb = "F1"', "no action is called 'helb'; did you mean help?"),
        ('help = "ctlr+e"', "help = 'ctlr+e': no key is called 'ctlr+e'; did you mean ctrl+e?"),
        ('help = ""', "help = '': a key is missing"),
        ('help = "x,,f1"', "help = 'x,,f1': a key is missing"),
        ('help = "ctrl+z"', "help = 'ctrl+z': ctrl+z is for suspending: choose another key"),
        ('help = "o"', "help = 'o' clashes with all_runs, which has that key"),
        ('help = "f1,4"', "help = '4' clashes with tab_4, which has that key"),
        ('help = "j"', "help = 'j' clashes with 'down' of the matrix, which has that key"),
    ],
)
def test_what_will_not_do_is_refused_and_the_key_stays(line: str, said: str) -> None:
    keys = keymap('stop = "f8"', line)
    (problem,) = keys.file.problems
    assert problem.text.startswith(said) and problem.line == 3
    assert keys.keys["help"] == ("question_mark",)
    assert keys.keys["stop"] == ("f8",)
    assert set(keys.file.lines) == {"keys.stop"}


def test_of_two_that_want_one_key_both_are_named() -> None:
    keys = keymap('help = "f1"', 'stop = "f1"')
    (problem,) = keys.file.problems
    assert "help" in problem.text and "stop" in problem.text


SPELT = st.sampled_from([*"pxoqZ?1[,", "f1", "f2", "space", "esc", "ctrl+w", "ctrl+z", "slash", "nonsense"])
NAMES = st.sampled_from([*owned_keys(), "resume_paused", "nonsense"])


@given(st.dictionaries(NAMES, st.lists(SPELT, min_size=1, max_size=3).map(",".join), max_size=6))
def test_whatever_the_file_says_no_key_is_lost_and_none_means_two_things(table: dict[str, str]) -> None:
    keys = keymap(*(f'{name} = "{text}"' for name, text in table.items()))
    together = {frozenset(its) for its in actions_by_key(keymap()).values()}
    for key, its in actions_by_key(keys).items():
        assert key not in RESERVED
        # what shares a key shared one before
        assert all(any({a, b} <= group for group in together) for a, b in itertools.combinations(its, 2)), (key, its)
    # every action has a key still, and what was not taken was said
    assert {one for its in actions_by_key(keys).values() for one in its} == {action.name for action in ACTIONS}
    refused = {problem.setting for problem in keys.file.problems}
    for name in table:
        assert (f"keys.{name}" in refused) != (f"keys.{name}" in keys.file.lines)


def test_a_key_is_shown_as_the_file_may_call_it() -> None:
    for its in owned_keys().values():
        for key in its:
            assert keymap(f'help = "{shown(key)}"').file.problems == () or "clashes" in str(
                keymap(f'help = "{shown(key)}"').file.problems
            )


async def test_new_keys_work_and_are_shown_and_the_old_ones_do_nothing(store: RunStore) -> None:
    config = parse('[keys]\npause = "f2,*"\nhelp = "f1"\ncommand_palette = "P"\nstop = "o"', FILE)
    async with on_stage(store, models=["rnn"], config=config) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].state("running"))
        await stage.until_shown("running", "f2 pause", "f1 help")
        # the one that clashes was refused, and said
        assert "/h/config.toml:5: stop = 'o' clashes with all_runs" in stage.notices()
        await stage.press("p", "space", "question_mark", "colon")
        assert stage.engine.kinds() == [] and stage.app.screen is stage.main
        await stage.press("*")
        await stage.until(lambda: stage.engine.kinds() == ["Pause"], "paused")
        stage.deliver(stage.makers[0].state("paused"))
        await stage.until_shown("f2 resume")
        await stage.press("f2")
        await stage.until(lambda: stage.engine.kinds() == ["Pause", "Resume"], "resumed")
        await stage.press("f1")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "help")
        await stage.until_shown("f2 * r  resume")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        await stage.press("P")
        await stage.until(lambda: isinstance(stage.app.screen, CommandPalette), "the palette")
        await stage.until_shown("key f1")


async def test_what_is_wrong_in_the_file_keeps_nobody_from_the_screen(store: RunStore) -> None:
    config = parse("theme = 3\n[new]\nepochs = 0\n", FILE)
    async with on_stage(store, models=["rnn"], size=WIDE, config=config) as stage:
        await stage.until_shown("q leave")
        await stage.until(lambda: "config.toml:1: theme = 3" in stage.notices(), "said")
        # but nothing is trained with settings that nobody meant
        await stage.press("n")
        await stage.until_shown("new runs")
        await stage.press("enter")
        await stage.until_shown("/h/config.toml:3: epochs = 0: expected 1 to 1000000")
        assert len(store.all()) == 1
