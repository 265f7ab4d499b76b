"""Where the shown run stands, in one line that never wraps and whose numbers do not jitter."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState
from namestui.tui.words.format import clock, percent, rate

BAR = 12
"""Cells of the progress bar."""
SHORT = 100
"""Columns below which the bar and some words give way."""


class ProgressLine(Widget):
    """State, epoch, batch, names/s, ETA, best accuracy; after the end the test score, after a failure the reason."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; padding: 0 1; color: $foreground; }
    ProgressLine.failed, ProgressLine.interrupted { color: $text-error; }
    ProgressLine.paused, ProgressLine.pausing { color: $text-warning; }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._signs = ("#", ".", " - ") if ascii_only else ("▓", "░", " · ")
        self._text = ""

    def show(self, state: RunState | None) -> None:
        """Show ``state``; nothing is repainted where the text stays the same."""
        text = "" if state is None else self.text_of(state)
        word = "" if state is None else state.state
        self.set_classes(word)
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Content:
        """The line, cut at the edge."""
        return Content(self._text)

    def text_of(self, state: RunState) -> str:
        """The whole line, however wide."""
        full, empty, separator = self._signs
        short = self.size.width < SHORT
        done = round(BAR * share_done(state))
        parts = [state.state if short else f"{full * done}{empty * (BAR - done)} {state.state}"]
        if state.state in ("paused", "failed", "interrupted") and state.reason:
            parts.append(inert(state.reason))
        if state.planned_epochs:
            parts.append(f"epoch {state.epoch:>{len(str(state.planned_epochs))}}/{state.planned_epochs}")
        progress = state.progress
        if state.state in ("running", "pausing", "paused") and progress is not None:
            parts.append(f"batch {progress.batch:>{len(str(progress.batches))}}/{progress.batches}")
        if state.is_live and (speed := speed_of(state)):
            parts.append(rate(speed).replace(" names", "") if short else rate(speed))
            if state.state == "running":
                parts.append(f"ETA {clock(seconds_left(state, speed))}")
        if state.best_accuracy is not None:
            parts.append(f"best {percent(state.best_accuracy)}")
        if state.test is not None and state.state == "finished":
            test = state.test
            parts.append(f"test {percent(test.accuracy)} ({100 * test.low:.1f}-{100 * test.high:.1f})")
            parts.append(f"F1 {test.macro_f1:.3f}" if short else f"macro-F1 {test.macro_f1:.3f}")
        if state.notice:
            parts.append(inert(state.notice))
        return separator.join(parts)


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
