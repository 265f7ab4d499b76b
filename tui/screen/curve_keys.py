"""Keys by which charts are looked at: the epoch cursor, which charts, over which axis, how their lines are drawn.

The main screen has them for the charts of one run, the comparison for those of several.
"""

from __future__ import annotations

from dataclasses import replace

from textual import on, work
from textual.dom import DOMNode

from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.epochs import Epochs
from namestui.tui.state.looks import Looks
from namestui.tui.state.pages import Pages
from namestui.tui.widgets.chart.chart import Chart

ZOOM, PAN = 2.0, 0.25
"""How much closer one key looks, and by which share of what is shown one key pans."""


class CurveKeys(DOMNode):
    """All charts of a screen are looked at in the same way. Only a key, or the mouse, moves the cursor: nothing that
    comes in does."""

    _looks: Looks
    _is_to_be_drawn = False
    _is_to_be_kept = False

    # What a screen says of its charts

    def _chart(self) -> Chart:
        """Whose axis is taken for that of all."""
        raise NotImplementedError

    def _epochs(self) -> Epochs:
        """Where the cursor can stand."""
        raise NotImplementedError

    def _chart_names(self) -> list[str]:
        """Those of all charts that the filter lets through."""
        raise NotImplementedError

    def _room(self) -> int:
        """How many charts are shown at once."""
        raise NotImplementedError

    def _draw_looks(self, *, is_kept: bool) -> None:
        """Draw in the way that ``_looks`` now says, which ``is_kept`` for the next time."""
        raise NotImplementedError

    # The epoch

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
            self.app.notify("an epoch is a number", severity="error", markup=False)
            return
        self._look(self._looks.view.at(int(answer[:12]), epochs.first, epochs.last))

    # The charts

    def action_column(self, step: int) -> None:
        """The cursor by what one column of a chart spans: an epoch, or more of a long run."""
        epochs = self._epochs()
        chart = self._chart()
        first, last = self._looks.view.span if self._looks.view.span and self._is_by_epoch else chart.limits
        spanned = (last - first) / max(1, chart.size.width - 10) if self._is_by_epoch else 1.0
        width = len(epochs.places) / max(1, chart.size.width - 10) if epochs.places else spanned
        self._move(step * max(1, round(width)))

    def action_closer(self) -> None:
        """Half of what is shown, around the cursor."""
        self._zoom_axis(ZOOM, self._chart().cursor_place)

    def action_farther(self) -> None:
        """Twice as much."""
        self._zoom_axis(1 / ZOOM, self._chart().cursor_place)

    def action_whole(self) -> None:
        """The whole axis."""
        self._look(self._looks.view.unzoomed())

    def action_pan(self, step: int) -> None:
        """Show what lies beside it."""
        self._look(self._looks.view.panned(step * PAN, self._chart().limits))

    def action_x_axis(self) -> None:
        """Epochs, names or steps, wall clock, time spent training."""
        self._look_always(self._looks.view.with_next_axis())

    def action_log_axis(self) -> None:
        """Show what is no share on a logarithmic axis, or back."""
        self._look_always(self._looks.view.toggled_log())

    def action_rougher(self) -> None:
        """Smooth the lines less."""
        self._look_always(self._looks.view.rougher())

    def action_smoother(self) -> None:
        """Smooth the lines more."""
        self._look_always(self._looks.view.smoother())

    def action_outliers(self) -> None:
        """Limits about all values, or about all but the lowest and highest hundredth."""
        self._look_always(self._looks.view.toggled_outliers())

    def action_turn_page(self, step: int) -> None:
        """Other charts."""
        names = self._chart_names()
        if names:
            self._turn_to(self._looks.pages.turned(names, self._room(), step))

    @work
    async def action_filter(self) -> None:
        """Ask for words that the charts must have in their names."""
        words = await self.app.push_screen_wait(
            AskLine(Inert("only charts with these words (none: all)"), inert(self._looks.pages.words))
        )
        if words is not None:
            self._turn_to(self._looks.pages.filtered(words))

    action_filter_here = action_filter

    @property
    def _is_by_epoch(self) -> bool:
        return self._looks.view.x_axis == "epoch"

    def _move(self, step: int) -> None:
        self._look(self._epochs().moved(self._looks.view, step))

    def _zoom_axis(self, factor: float, around: float | None) -> None:
        self._look(self._looks.view.zoomed(factor, around, self._chart().limits))

    def _look(self, view: ChartView, *, is_kept: bool = False) -> None:
        """Look at the charts, and at the epoch, in this way."""
        if view != self._looks.view:
            self._looks = replace(self._looks, view=view)
            self._draw_soon(is_kept=is_kept)

    def _look_always(self, view: ChartView) -> None:
        self._look(view, is_kept=True)

    def _turn_to(self, pages: Pages) -> None:
        self._looks = replace(self._looks, pages=pages)
        self._draw_soon(is_kept=True)

    def _draw_soon(self, *, is_kept: bool) -> None:
        """Draw once the keys that wait have had their turn: a key that is held comes faster than charts are drawn."""
        self._is_to_be_kept = self._is_to_be_kept or is_kept
        if not self._is_to_be_drawn:
            self._is_to_be_drawn = self.call_later(self._draw_now)

    def _draw_now(self) -> None:
        is_kept = self._is_to_be_kept
        self._is_to_be_drawn = self._is_to_be_kept = False
        if self.is_attached:
            self._draw_looks(is_kept=is_kept)

    # The mouse

    @on(Chart.CursorMoved)
    def _on_cursor_moved(self, event: Chart.CursorMoved) -> None:
        epochs = self._epochs()
        self._look(self._looks.view.at(event.epoch, epochs.first, epochs.last))

    @on(Chart.Zoomed)
    def _on_zoomed(self, event: Chart.Zoomed) -> None:
        self._zoom_axis(event.factor, event.at)
