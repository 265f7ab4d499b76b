"""What the worker of a run and its machine do, and did since the worker began to measure."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from namestui.runs.text import Inert
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.machine import MachineFigures
from namestui.tui.words.format import age

REDRAW_EVERY = 0.5
"""Seconds between two checks for a new sample."""
SPANS = (None, 6 * 3600.0, 3600.0, 600.0)
"""Seconds that are shown, one zoom after the other, where more were measured; None: all there is."""
LATE = 10.0
"""Seconds after which the newest sample is called old."""
COMING = "the worker measures every 2 s: the first figures are on their way"
NONE_YET = "no figures: a worker measures while it trains or answers, and has not since this screen was opened"


class MachineScreen(Dialog[None]):
    """Figures of the shown run's worker and machine, live."""

    BINDINGS = [
        Binding("escape,M,q,enter", "dismiss(None)", "close"),
        Binding("plus,equals_sign", "zoom(1)", "less time"),
        Binding("minus", "zoom(-1)", "more time"),
        Binding("0", "zoom(0)", "all the time"),
    ]

    def __init__(self, host: Inert, shown: Callable[[], RunState | None], *, glyphs: Glyphs) -> None:
        """``shown`` gives the run whose worker it is about."""
        super().__init__()
        self._host = host
        self._shown = shown
        self._glyphs = glyphs
        self._zoom = 0
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        """The figures, in what can be scrolled."""
        with VerticalScroll(classes="dialog wide"):
            yield MachineFigures(glyphs=self._glyphs)

    def on_mount(self) -> None:
        """Draw now, and whenever something new is there."""
        self._dialog = self.query_one(VerticalScroll)
        self._figures = self.query_one(MachineFigures)
        self._redraw()
        self.set_interval(REDRAW_EVERY, self._redraw)

    def on_resize(self) -> None:
        """Blank lines only where there is room for them."""
        self._dialog.set_class(self.size.height >= 30, "-roomy")

    def action_zoom(self, step: int) -> None:
        """Show less of the time, or more, or all."""
        state = self._shown()
        samples = list(state.machine) if state is not None else []
        measured = samples[-1].time - samples[0].time if samples else 0.0
        zooms = [zoom for zoom, span in enumerate(SPANS) if span is None or span < measured]
        at = sum(zoom < self._zoom for zoom in zooms) if step else 0
        self._zoom = zooms[max(0, min(at + step, len(zooms) - 1))]
        self._redraw()

    def _redraw(self) -> None:
        state = self._shown()
        latest = state.machine.latest if state is not None else None
        old = age(time.time() - latest.time) if latest is not None and time.time() - latest.time > LATE else ""
        drawn = (state.run if state is not None else "", latest, old, self._zoom)
        if state is None or drawn == self._drawn:
            return
        self._drawn = drawn
        self._figures.empty = NONE_YET if state.gone is not None else COMING
        self._figures.show(state.machine, SPANS[self._zoom])
        separator = self._glyphs.separator
        self._dialog.border_title = Content(separator.join(["machine", self._host, state.title]))
        measured = f"measured last {old} ago" if old else ""
        self._dialog.border_subtitle = Content(separator.join(filter(None, [measured, "+ - zoom", "esc closes"])))
