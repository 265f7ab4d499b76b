"""Everything that shows one run: curves, matrix, predictions, trouble, progress."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from namestui.runs.text import Inert, inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.curves import SHARES, chart_of, groups_of, split_note
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix
from namestui.tui.widgets.name_prompt import NamePrompt
from namestui.tui.widgets.pane_tabs import PANES, PaneTabs
from namestui.tui.widgets.predictions import Predictions
from namestui.tui.widgets.progress_line import ProgressLine
from namestui.tui.widgets.trouble import Trouble

WIDE, HIGH = 118, 34
"""Columns and rows of the terminal from which all panes are shown at once."""
MIN_RUNS, MAX_RUNS = 2, 6
"""Runs whose answers have a line each where all panes are shown."""
EMPTY_CURVES = "waiting for the first epoch"
ENDED_CURVES = "it ended before its first epoch was complete"
EMPTY_MATRIX = "after the first epoch: which language is taken for which"
EMPTY_PREDICTIONS = "type a name and press Enter: what every open run takes it for"


class RunView(Vertical):
    """All panes at once where they fit; one at a time, behind inner tabs, on a small terminal."""

    DEFAULT_CSS = """
    RunView { height: 1fr; }
    RunView #curves { height: 1fr; min-height: 5; }
    RunView #matrix { height: 21; }
    RunView.troubled #matrix { height: 2fr; max-height: 21; }
    RunView #panes { display: none; }
    RunView #progress { dock: bottom; }
    RunView #predict {
        height: 5; padding: 0 1;
        border: round $foreground 25%; border-title-color: $foreground; border-title-style: bold;
        &:focus-within { border: round $accent; }
        & Horizontal { height: 1; }
    }
    RunView.-ascii #predict { border: ascii $foreground 25%; }
    RunView.-ascii #predict:focus-within { border: ascii $accent; }
    RunView.-runs-3 #predict { height: 6; }
    RunView.-runs-4 #predict { height: 7; }
    RunView.-runs-5 #predict { height: 8; }
    RunView.-runs-6 #predict { height: 9; }
    RunView #arrow { width: 7; color: $foreground; }
    RunView #name { width: 28; height: 1; border: none; padding: 0; background: $surface; }
    RunView #warning { width: 1fr; height: 1; padding: 0 1; color: $text-warning; }

    RunView.narrow {
        & #panes { display: block; }
        & #curves, & #matrix, & #predict { display: none; }
        &.curves #curves { display: block; layout: vertical; }
        &.matrix #matrix { display: block; height: 1fr; border: none; }
        &.predict #predict { display: block; height: 1fr; border: none; }
    }
    """

    class Fitted(Message):
        """The panes were laid out anew for another size."""

    def __init__(self, *, glyphs: Glyphs) -> None:
        super().__init__(classes="curves -ascii" if glyphs.is_ascii else "curves")
        self._glyphs = glyphs
        self._warned = ""
        self._drawn_matrix: tuple[object, object, object] = (None, None, None)

    def compose(self) -> ComposeResult:
        """The panes, top to bottom."""
        yield PaneTabs(id="panes")
        with Horizontal(id="curves"):
            yield Chart(Inert("loss"), empty=EMPTY_CURVES, glyphs=self._glyphs, id="loss")
            yield Chart(Inert("accuracy"), empty=EMPTY_CURVES, glyphs=self._glyphs, id="accuracy")
        yield ConfusionMatrix(empty=EMPTY_MATRIX, glyphs=self._glyphs, id="matrix")
        with Vertical(id="predict") as predict:
            predict.border_title = "predict"
            with Horizontal():
                yield Static(f"name {self._glyphs.prompt} ", id="arrow")
                yield NamePrompt(id="name")
                yield Static("", id="warning")
            yield Predictions(empty=EMPTY_PREDICTIONS, glyphs=self._glyphs, id="predictions")
        yield Trouble(id="trouble")
        yield ProgressLine(glyphs=self._glyphs, id="progress")

    def on_mount(self) -> None:
        """Keep the widgets at hand: a query in the middle of an end finds nothing."""
        self.matrix = self.query_one(ConfusionMatrix)
        self.prompt = self.query_one(NamePrompt)
        self._panes = self.query_one(PaneTabs)
        self._charts = list(self.query(Chart))
        self._warning = self.query_one("#warning", Static)
        self._predictions = self.query_one(Predictions)
        self._trouble = self.query_one(Trouble)
        self._progress = self.query_one(ProgressLine)

    def on_resize(self) -> None:
        """All panes at once where they fit, else one at a time."""
        columns, rows = self.app.size
        self.set_class(columns < WIDE or rows < HIGH, "narrow")
        self.post_message(self.Fitted())

    @property
    def is_narrow(self) -> bool:
        """Whether one pane is shown at a time."""
        return self.has_class("narrow")

    @property
    def pane(self) -> str:
        """The pane (one of ``PANES``) that a small terminal shows."""
        return next((pane for pane in PANES if self.has_class(pane)), PANES[0])

    def show_pane(self, pane: str) -> None:
        """Bring a pane (one of ``PANES``) to the front of a small terminal."""
        self._panes.active = f"pane-{pane}"
        for other in PANES:
            self.set_class(other == pane, other)
        self.app.stylesheet.update(self)  # at once: only what is displayed can take the keys that follow

    def draw(self, runs: OpenRuns, question: NameQuestion, *, log_axis: bool) -> None:
        """Draw the shown run; each widget repaints only what differs."""
        state = runs.shown
        self._progress.show(state)
        self._trouble.show(state)
        self.set_class(self._trouble.is_shown, "troubled")
        if state is None:
            return
        for chart, group in zip(self._charts, groups_of(state, len(self._charts)), strict=True):
            self._draw_chart(chart, state, group, ChartView(log_y=log_axis))
        self._draw_matrix(state)
        for count in range(MIN_RUNS + 1, MAX_RUNS + 1):
            self.set_class(min(len(runs), MAX_RUNS) == count, f"-runs-{count}")
        self._predictions.show(question.answers(runs, runs.titles()), runs.number(state.run) - 1)
        if (warning := question.warning()) != self._warned:
            self._warned = warning
            self._warning.update(Content(warning))

    @staticmethod
    def _draw_chart(chart: Chart, state: RunState, group: str, view: ChartView) -> None:
        """One group of metrics."""
        chart.show(
            **chart_of(state, group, view.x_axis)._asdict(),
            view=replace(view, log_y=view.log_y and group not in SHARES),
            note=split_note(state) if group == "accuracy" else "",
            heading=inert(group),
            empty=EMPTY_CURVES if state.is_live else ENDED_CURVES,
        )

    def _draw_matrix(self, state: RunState) -> None:
        if state.started is None:
            self.matrix.show([], [], Inert("confusion"))
            self._drawn_matrix = (None, None, None)
            return
        confusion = state.confusion
        drawn = (state, state.started, confusion)
        if all(now is before for now, before in zip(drawn, self._drawn_matrix, strict=True)):
            return  # events never change; comparing the million cells of 1,000 classes would take too long
        self._drawn_matrix = drawn
        parts = ["confusion", state.title, f"epoch {confusion.epoch}" if confusion else ""]
        title = Inert(self._glyphs.separator.join(filter(None, parts)))
        labels = [inert(label) for label in state.started.classes]
        self.matrix.show(labels, confusion.matrix if confusion else [], title)
