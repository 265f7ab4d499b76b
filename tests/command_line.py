"""The command line as tests call it: in this process, where every warning is an error."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner, Result

from namestui.tui import entry
from namestui.tui.cli.app import app

Call = Callable[..., tuple[int, str, str]]
"""``call("train", "rnn", stdin="")``: exit status, what was printed, what was said on standard error."""


@contextmanager
def _strict() -> Iterator[None]:
    """Every warning is an error, but of what other tests of this process have left to be collected."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # in processes of their own that is an error too
        yield


def invoke(*arguments: str, **environment: str) -> Result:
    """The command line by typer's own runner: ``exit_code`` and ``output``, of both streams."""
    with _strict():
        return CliRunner().invoke(app, arguments, env=environment)


def caller(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Runs the command line without a terminal."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["namestui", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end, _strict():
            entry.main()
        captured = capfd.readouterr()
        code = end.value.code
        assert code is None or isinstance(code, int)
        return code or 0, captured.out, captured.err

    return call
