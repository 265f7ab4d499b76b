"""Where the shown run stands, in one line that never wraps and whose numbers do not jitter."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.words.format import clock, percent, rate
from namestui.tui.words.table import shorten

BAR = 12
"""Cells of the progress bar."""
SHORT = 100
"""Columns below which the bar and some words give way."""
_WITH_REASON = ("paused", "failed", "interrupted")
"""States of which the line says why."""


class Part(NamedTuple):
    """A piece of the line; where room is short the ones with the highest ``rank`` go first, 0 stays."""

    text: str
    rank: int = 0
    belongs: bool = False
    """To the piece before it: no separator stands between them."""


class ProgressLine(Widget):
    """State, epoch, batch, names/s, ETA, best accuracy; after the end the test score, after a failure the reason."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; padding: 0 1; color: $foreground; }
    ProgressLine.failed, ProgressLine.interrupted { color: $text-error; }
    ProgressLine.paused, ProgressLine.pausing { color: $text-warning; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._text = ""
        self._state: RunState | None = None

    def show(self, state: RunState | None) -> None:
        """Show ``state``; nothing is repainted where the text stays the same."""
        self._state = state
        text = "" if state is None else self.text_of(state)
        word = "" if state is None else state.state
        self.set_classes(word)
        if text != self._text:
            self._text = text
            self.refresh()

    def on_resize(self) -> None:
        """More or less of it fits."""
        self.show(self._state)

    def render(self) -> Content:
        """The line."""
        return Content(self._text)

    def text_of(self, state: RunState) -> str:
        """The line, in the widget's width: what matters least is left away until the rest fits."""
        width = self.size.width
        parts = self._parts(state, short=width < SHORT)

        def text() -> str:
            joined = (f" {part.text}" if part.belongs else self._glyphs.separator + part.text for part in parts)
            return "".join(joined).removeprefix(self._glyphs.separator)

        while cell_len(text()) > width and (least := max(parts, key=lambda part: part.rank)).rank:
            parts.remove(least)
        return shorten(text(), max(width, 1), ascii_only=self._glyphs.is_ascii)

    def _parts(self, state: RunState, *, short: bool) -> list[Part]:
        """From left to right."""
        done = round(BAR * share_done(state))
        bar = "" if short else f"{self._glyphs.full * done}{self._glyphs.empty * (BAR - done)} "
        why = f": {state.reason}" if state.state in _WITH_REASON and state.reason else ""
        parts = [Part(f"{bar}{state.state}{why}")]
        if state.planned_epochs:
            parts.append(Part(f"epoch {state.epoch:>{len(str(state.planned_epochs))}}/{state.planned_epochs}", 1))
        progress = state.progress
        if state.state in ("running", "pausing", "paused") and progress is not None:
            parts.append(Part(f"batch {progress.batch:>{len(str(progress.batches))}}/{progress.batches}", 6))
        if state.is_live and (speed := speed_of(state)):
            parts.append(Part(rate(speed).replace(" names", "") if short else rate(speed), 8))
            if state.state == "running":
                parts.append(Part(f"ETA {clock(seconds_left(state, speed))}", 5))
        parts += _scores(state, short=short)
        if count := len(state.alerts):
            parts.append(Part("1 alert (!)" if count == 1 else f"{count} alerts (!)", 3))
        if (alert := state.fresh_alert) is not None:
            parts.append(Part(alert.message))
        if state.notice:
            parts.append(Part(state.notice))
        return parts


def _scores(state: RunState, *, short: bool) -> list[Part]:
    """The best validation accuracy and, once there is one, the score on the test part; both say of which epoch."""
    parts = []
    if state.best_accuracy is not None:
        width = len(str(state.planned_epochs))
        parts.append(Part(f"best {percent(state.best_accuracy)}", 2))
        parts.append(Part(f"(epoch {state.history.best_epoch:>{width}})", 7, belongs=True))
    if state.test is not None and state.state == "finished":
        test = state.test
        parts.append(Part(f"test {percent(test.accuracy)} ({100 * test.low:.1f}-{100 * test.high:.1f})", 2))
        parts.append(Part(f"(epoch {test.best_epoch})", 7, belongs=True))
        parts.append(Part(f"F1 {test.macro_f1:.3f}" if short else f"macro-F1 {test.macro_f1:.3f}", 9))
    return parts


def share_done(state: RunState) -> float:
    """How much of the planned training is done, 0 to 1."""
    if not state.planned_epochs:
        return 0.0
    epochs = float(state.epoch)
    if state.progress is not None and state.progress.batches:
        epochs = state.progress.epoch - 1 + state.progress.batch / state.progress.batches
    return min(epochs / state.planned_epochs, 1.0)


def speed_of(state: RunState) -> float:
    """Training names a second, as measured last; 0 before anything was."""
    if state.progress is not None and state.progress.names_per_second:
        return state.progress.names_per_second
    return state.last_epoch.names_per_second if state.last_epoch is not None else 0.0


def seconds_left(state: RunState, speed: float) -> float:
    """Seconds of training until the planned epochs are done, at ``speed`` names a second."""
    rows = state.started.train.rows if state.started is not None else 0
    return (1 - share_done(state)) * state.planned_epochs * rows / speed
