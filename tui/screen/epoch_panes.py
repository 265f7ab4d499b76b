"""What follows the epoch cursor beside the curves: the matrix and the classes' figures of that epoch, or the newest."""

from __future__ import annotations

from collections.abc import Callable

from namestui.runs.store import RunStore
from namestui.runs.text import Inert, inert
from namestui.tui.state.class_history import Recalls
from namestui.tui.state.past_matrices import Key, Past, PastMatrices
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.class_table import ClassTable
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix

EMPTY_MATRIX = "after the first epoch: which language is taken for which"
EMPTY_CLASSES = "after the first epoch: precision, recall and F1 of every class"
NOTHING_YET = Past(0, None)
READING: list[list[int]] = []
"""In the place of a matrix that is on its way."""


class EpochPanes:
    """Draws both from the one matrix; what is being read leaves them as they are until it is there."""

    def __init__(
        self, store: RunStore, matrix: ConfusionMatrix, table: ClassTable, glyphs: Glyphs, on_read: Callable[[], None]
    ) -> None:
        self._past = PastMatrices(store, on_read)
        self._matrix = matrix
        self._table = table
        self._glyphs = glyphs
        self._drawn: tuple[object, ...] = ()

    def draw(self, state: RunState, cursor: int | None, recalls: Recalls | None) -> None:
        """Show the epoch under the cursor (None: the newest); without ``recalls`` the classes are not seen."""
        past = self._wanted(state, cursor)
        if past is None:
            if self._drawn and self._drawn[0] is state:
                return
            past = Past(cursor or 0, READING)  # of another run nothing may stay
        # Events never change; comparing the million cells of 1,000 classes would take too long.
        drawn = (state, state.started, past.matrix, past.epoch, state.title, cursor is None)
        if not self._drawn or any(old is not new and old != new for old, new in self._pairs(drawn)):
            self._drawn = drawn
            self._draw_matrix(state, past, cursor)
        if recalls is not None:
            heading = Inert(self._glyphs.separator.join(["classes", *self._epoch_text(state, past, cursor)]))
            self._table.show(self._matrix.shown, recalls, heading, self._why_none(state, past, cursor) or EMPTY_CLASSES)

    def _pairs(self, drawn: tuple[object, ...]) -> list[tuple[object, object]]:
        """Old and new of what decides the picture; of matrices only whether they are the same object."""
        pairs = list(zip(self._drawn, drawn, strict=True))
        return [
            (id(old), id(new)) if isinstance(new, list) or isinstance(old, list) else (old, new) for old, new in pairs
        ]

    def _wanted(self, state: RunState, cursor: int | None) -> Past | None:
        newest = state.confusion
        if state.started is None:
            return NOTHING_YET
        if cursor is None:
            return Past(newest.epoch, newest.matrix) if newest is not None else NOTHING_YET
        if newest is not None and newest.epoch == cursor:
            return Past(cursor, newest.matrix)
        if cursor > state.epoch:
            return Past(cursor, None)
        return self._past.get(Key(state.run, len(state.started.classes), cursor))

    def _draw_matrix(self, state: RunState, past: Past, cursor: int | None) -> None:
        if state.started is None:
            self._matrix.show([], [], Inert("confusion"), EMPTY_MATRIX)
            return
        epoch = self._epoch_text(state, past, cursor)
        title = self._glyphs.separator.join(["confusion", state.title, *epoch])
        labels = [inert(label) for label in state.started.classes]
        why = self._why_none(state, past, cursor)
        shown = [] if why else labels
        of_past = Inert(epoch[0]) if cursor is not None else None
        self._matrix.show(shown, past.matrix or [], Inert(title), why or EMPTY_MATRIX, of_past)

    @staticmethod
    def _epoch_text(state: RunState, past: Past, cursor: int | None) -> list[str]:
        """``epoch 7`` of what comes in, ``epoch 7 of 20`` of what the cursor is on."""
        if cursor is None:
            return [f"epoch {past.epoch}"] if past.epoch else []
        return [f"epoch {cursor} of {max(state.planned_epochs, state.epoch, cursor)}"]

    @staticmethod
    def _why_none(state: RunState, past: Past, cursor: int | None) -> str:
        """Why there is no matrix where the cursor is; empty where there is one, or it is on its way."""
        if past.matrix is READING:
            return f"reading the matrix of epoch {cursor}"
        if cursor is None or past.matrix is not None:
            return ""
        if cursor > state.epoch:
            return f"{state.title} has trained {state.epoch} epochs, not {cursor}"
        return f"no matrix was kept of epoch {cursor}"
