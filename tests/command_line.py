"""The command line as tests call it: in this process, where every warning is an error."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable

import pytest

from namestui.tui import entry

Call = Callable[..., tuple[int, str, str]]
"""``call("train", "rnn", stdin="")``: exit status, what was printed, what was said on standard error."""


def caller(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Runs the command line without a terminal."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["namestui", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end, warnings.catch_warnings():
            warnings.simplefilter("error")
            entry.main()
        captured = capfd.readouterr()
        code = end.value.code
        assert code is None or isinstance(code, int)
        return code or 0, captured.out, captured.err

    return call
