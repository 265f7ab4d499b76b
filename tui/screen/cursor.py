"""Keys of the one epoch cursor: charts, matrix and the classes' figures show that epoch, until it is live again."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work

from namestui.runs.text import Inert
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.screen.panes import Panes
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.epochs import Epochs, epochs_of
from namestui.tui.widgets.chart.chart import Chart


class Cursor(Panes):
    """Only a key, or the mouse, moves it: nothing that comes in does."""

    def action_epoch_before(self) -> None:
        """One epoch back; from what comes in to the last but one."""
        self._move(-1)

    def action_epoch_after(self) -> None:
        """One epoch on."""
        self._move(1)

    def action_first_epoch(self) -> None:
        """To the first."""
        epochs = self._epochs()
        self._look(self._looks.view.at(epochs.first, epochs.first, epochs.last))

    def action_live(self) -> None:
        """Follow what comes in again."""
        self._look(self._looks.view.live())

    @work
    async def action_go_to_epoch(self) -> None:
        """Ask for an epoch by its number, and go there."""
        epochs = self._epochs()
        answer = await self.app.push_screen_wait(AskLine(Inert(f"epoch ({epochs.first} to {epochs.last})")))
        if answer is None or not answer.strip():
            return
        if not answer.strip().isdecimal():
            self._complain("an epoch is a number")
            return
        self._look(self._looks.view.at(int(answer[:12]), epochs.first, epochs.last))

    def _epochs(self) -> Epochs:
        state = self._runs.shown
        return epochs_of(state) if state is not None else Epochs()

    def _move(self, step: int) -> None:
        self._look(self._epochs().moved(self._looks.view, step))

    def _look(self, view: ChartView) -> None:
        """Look at the charts, and at the epoch, in this way."""
        if view != self._looks.view:
            self._looks = replace(self._looks, view=view)
            self._redraw(force=True)

    @on(Chart.CursorMoved)
    def _on_cursor_moved(self, event: Chart.CursorMoved) -> None:
        epochs = self._epochs()
        self._look(self._looks.view.at(event.epoch, epochs.first, epochs.last))
