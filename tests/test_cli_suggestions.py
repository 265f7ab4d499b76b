"""A mistyped word is answered with the one that was meant."""

from __future__ import annotations

import pytest

from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from tests.command_line import Call


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ("train --set learing_rate=1", "did you mean learning_rate?"),
        ("train --set optimizer=adam", "did you mean adamw?"),
        ("train lsmt", "did you mean lstm?"),
        ("train --split randon", "did you mean random?"),
        ("train --recipe reprot", "did you mean report?"),
        ("evluate", "Did you mean 'evaluate'?"),
        ("train --epohcs 3", "--epochs"),
        ("follow lats", "did you mean last?"),
        ("follow my-best-runn", "did you mean my-best-run?"),
    ],
)
def test_what_was_meant(call: Call, store: RunStore, arguments: str, meant: str) -> None:
    write_notes(store.create(make_config("rnn")), Notes(name="my-best-run"))
    status, out, err = call(*arguments.split())
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert meant in err
