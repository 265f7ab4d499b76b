"""The bar of a large corpus: on a terminal, and only where there is something to wait for."""

from __future__ import annotations

import io

import pytest

from namestui.tui.plain.loading_bar import PATIENCE, loading_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "seconds", "shown"), [(Terminal, 2 * PATIENCE, True), (Terminal, 0.0, False), (io.StringIO, 9.0, False)]
)
def test_a_bar_is_shown(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], seconds: float, shown: bool
) -> None:
    monkeypatch.setattr("sys.stderr", written := stream())
    monkeypatch.setenv("TERM", "xterm")
    moments = iter([0.0, seconds, seconds])
    with loading_bar(lambda: next(moments)) as on_progress:
        on_progress("reading the corpus", 1, 4)
        on_progress("dividing the corpus", 2, 4)
    assert ("dividing the corpus" in written.getvalue()) == shown
    assert bool(written.getvalue()) == shown
