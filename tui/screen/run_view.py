"""Everything that shows one run: curves, matrix, classes, predictions, trouble, progress."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from namestui.runs.store import RunStore
from namestui.tui.screen.epoch_panes import EMPTY_CLASSES, EMPTY_MATRIX, EpochPanes
from namestui.tui.state.class_history import NO_RECALLS, ClassHistory, Recalls
from namestui.tui.state.looks import Looks
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.pages import Page
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.groups import groups_of
from namestui.tui.widgets.class_table import ClassTable
from namestui.tui.widgets.curves_pane import CurvesPane
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix
from namestui.tui.widgets.name_prompt import NamePrompt
from namestui.tui.widgets.pane_tabs import PANES, PaneTabs
from namestui.tui.widgets.predictions import Predictions
from namestui.tui.widgets.progress_line import ProgressLine
from namestui.tui.widgets.trouble import Trouble

WIDE, HIGH = 118, 34
"""Columns and rows of the terminal from which curves, matrix and predictions are shown at once."""
VERY_WIDE, MIN_SIDE = 160, 42
"""Columns from which the classes stand beside the matrix, and those that they have at least."""
LOW = 20
"""Rows below which a zoomed pane has the terminal for itself, without head and progress."""
MIN_RUNS, MAX_RUNS = 2, 6
"""Runs whose answers have a line each where all panes are shown."""
EMPTY_PREDICTIONS = "type a name and press Enter: what every open run takes it for"


class RunView(Vertical):
    """All panes at once where they fit; one at a time, behind inner tabs, on a small terminal, or by the user's wish.

    Where the classes have no room beside the matrix they take its place.
    """

    DEFAULT_CSS = """
    RunView { height: 1fr; }
    RunView #curves { height: 1fr; min-height: 5; }
    RunView #lower { height: 21; }
    RunView #matrix { height: 100%; }
    RunView #classes { height: 100%; display: none; }
    RunView.troubled #lower { height: 2fr; max-height: 21; }
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

    RunView.low-classes #matrix { display: none; }
    RunView.low-classes #classes { display: block; }
    RunView.beside #matrix, RunView.beside #classes { display: block; }
    RunView.single {
        & #curves, & #lower, & #predict { display: none; }
        &.curves #curves { display: block; }
        &.matrix #lower, &.classes #lower { display: block; height: 1fr; max-height: 100%; }
        &.predict #predict { display: block; height: 1fr; }
    }
    RunView.narrow {
        & #panes { display: block; }
        & #matrix, & #predict { border: none; }
    }
    RunView.alone #panes, RunView.alone #progress { display: none; }
    """

    class Fitted(Message):
        """The panes were laid out anew for another size."""

    class Read(Message):
        """Something that is to be shown was read."""

    def __init__(self, store: RunStore, *, glyphs: Glyphs) -> None:
        super().__init__(classes="curves -ascii" if glyphs.is_ascii else "curves")
        self._glyphs = glyphs
        self._warned = ""
        self._history = ClassHistory(store, self._on_read)
        self.page = Page()
        """Of the curves, as it was drawn last."""
        self.curves = CurvesPane(glyphs=glyphs, id="curves")
        self.matrix = ConfusionMatrix(empty=EMPTY_MATRIX, glyphs=glyphs, id="matrix")
        self.classes_table = ClassTable(empty=EMPTY_CLASSES, glyphs=glyphs, id="classes")
        self.prompt = NamePrompt(id="name")
        self._epoch_panes = EpochPanes(store, self.matrix, self.classes_table, glyphs, self._on_read)

    def compose(self) -> ComposeResult:
        """The panes, top to bottom."""
        yield PaneTabs(id="panes")
        yield self.curves
        with Horizontal(id="lower"):
            yield self.matrix
            yield self.classes_table
        with Vertical(id="predict") as predict:
            predict.border_title = "predict"
            with Horizontal():
                yield Static(f"name {self._glyphs.prompt} ", id="arrow")
                yield self.prompt
                yield Static("", id="warning")
            yield Predictions(empty=EMPTY_PREDICTIONS, glyphs=self._glyphs, id="predictions")
        yield Trouble(id="trouble")
        yield ProgressLine(glyphs=self._glyphs, id="progress")

    def on_mount(self) -> None:
        """Keep the widgets at hand: a query in the middle of an end finds nothing."""
        self._panes = self.query_one(PaneTabs)
        self._warning = self.query_one("#warning", Static)
        self._predictions = self.query_one(Predictions)
        self._trouble = self.query_one(Trouble)
        self._progress = self.query_one(ProgressLine)

    def on_resize(self) -> None:
        """All panes at once where they fit, else one at a time."""
        self._fit()
        self.post_message(self.Fitted())

    def _fit(self) -> None:
        columns, rows = self.app.size
        self.set_class(columns < WIDE or rows < HIGH, "narrow")
        self.set_class(self.is_narrow or self.is_zoomed, "single")
        self.set_class(self.is_zoomed and rows < LOW, "alone")
        self.curves.is_alone = self.is_zoomed
        beside = columns >= VERY_WIDE and not self.is_narrow
        self.set_class(beside, "beside")
        self.matrix.styles.width = self.matrix.width_in(columns - MIN_SIDE) if beside else "1fr"

    @property
    def is_narrow(self) -> bool:
        """Whether the terminal has room for one pane at a time."""
        return self.has_class("narrow")

    @property
    def is_zoomed(self) -> bool:
        """Whether one pane is shown alone by the user's wish."""
        return self.has_class("zoomed")

    @property
    def is_alone(self) -> bool:
        """Whether that pane has all of a low terminal."""
        return self.has_class("alone")

    @property
    def pane(self) -> str:
        """The pane (one of ``PANES``) that was brought to the front last."""
        return next((pane for pane in PANES if self.has_class(pane)), PANES[0])

    def is_seen(self, pane: str) -> bool:
        """Whether a pane (one of ``PANES``) is on the screen."""
        if self.has_class("single"):
            return pane == self.pane or (self.has_class("beside") and {pane, self.pane} == {"matrix", "classes"})
        if pane in ("matrix", "classes") and not self.has_class("beside"):
            return (pane == "classes") == self.has_class("low-classes")
        return True

    def show_pane(self, pane: str) -> None:
        """Bring a pane (one of ``PANES``) to the front, where not all are shown."""
        self._panes.active = f"pane-{pane}"
        for other in PANES:
            self.set_class(other == pane, other)
        if pane in ("matrix", "classes"):
            self.set_class(pane == "classes", "low-classes")
        self.app.stylesheet.update(self)  # at once: only what is displayed can take the keys that follow

    def zoom(self, *, is_zoomed: bool) -> None:
        """Show the pane in front alone, or give the others their room again."""
        self.set_class(is_zoomed, "zoomed")
        self._fit()
        self.app.stylesheet.update(self)

    def draw(self, runs: OpenRuns, question: NameQuestion, looks: Looks) -> None:
        """Draw the shown run; each widget repaints only what differs."""
        state = runs.shown
        self._progress.show(state)
        self._trouble.show(state)
        self.set_class(self._trouble.is_shown, "troubled")
        if state is None:
            return
        self._draw_curves(state, looks)
        self._epoch_panes.draw(state, looks.view.cursor, self._recalls(state) if self.is_seen("classes") else None)
        self._fit()
        for count in range(MIN_RUNS + 1, MAX_RUNS + 1):
            self.set_class(min(len(runs), MAX_RUNS) == count, f"-runs-{count}")
        self._predictions.show(question.answers(runs, runs.titles()), runs.number(state.run) - 1)
        if (warning := question.warning()) != self._warned:
            self._warned = warning
            self._warning.update(Content(warning))

    def _draw_curves(self, state: RunState, looks: Looks) -> None:
        groups = groups_of(state, looks.pages.words)
        self.page = looks.pages.page([group.name for group in groups], self.curves.room)
        if not self.is_seen("curves"):
            return
        shown = [group for group in groups if group.name in self.page.names]
        recalls = self._recalls(state) if any(group.labels for group in shown) else NO_RECALLS
        self.curves.show(state, shown, self.page, looks.view, recalls)

    def _recalls(self, state: RunState) -> Recalls:
        started = state.started
        return self._history.get(state.run, len(started.classes), state.epoch) if started is not None else NO_RECALLS

    def _on_read(self) -> None:
        self.post_message(self.Read())
