"""Keys of the panes: which is in front and has the focus, and whether it has all of the screen."""

from __future__ import annotations

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Tabs

from namestui.tui.screen.desk import Desk
from namestui.tui.screen.run_view import RunView
from namestui.tui.widgets.pane_tabs import PANES


class Panes(Desk):
    """Curves, matrix, classes, prompt: the keys that go to one of them, and round and round."""

    def action_curves(self) -> None:
        """Go to the charts."""
        self._go_to("curves")

    def action_matrix(self) -> None:
        """Go to the confusion matrix."""
        self._go_to("matrix")

    def action_classes(self) -> None:
        """Go to the figures of every class."""
        self._go_to("classes")

    def action_predict(self) -> None:
        """Go to the name prompt."""
        self._go_to("predict")

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        self._go_to(PANES[(PANES.index(self._focus_pane) + step) % len(PANES)])

    def action_zoom(self) -> None:
        """Show the pane that has the focus alone, or all again."""
        self._zoom(is_zoomed=not self._view.is_zoomed)

    def action_unzoom(self) -> None:
        """Show all panes again."""
        self._zoom(is_zoomed=False)

    def action_go_back(self) -> None:
        """Out of the prompt; on a small terminal then back to the curves."""
        if not self._view.prompt.has_focus:
            self._view.show_pane("curves")
        self._focus_front()
        self._redraw(force=True)

    @property
    def _focus_pane(self) -> str:
        """The pane (one of ``PANES``) that has the focus, or is in front."""
        return next((pane for pane, widget in self._widgets().items() if self.focused is widget), self._view.pane)

    def _widgets(self) -> dict[str, Widget]:
        """What takes the keys of each pane."""
        view = self._view
        return dict(zip(PANES, (view.curves, view.matrix, view.classes_table, view.prompt), strict=True))

    def _go_to(self, pane: str) -> None:
        self._view.show_pane(pane)
        self.set_focus(self._widgets()[pane])  # at once: what is typed next belongs to it
        if pane == "predict":
            self._view.prompt.action_select_all()  # the next name replaces this one
        self._redraw(force=True)

    def _zoom(self, *, is_zoomed: bool) -> None:
        pane = self._focus_pane
        self._view.show_pane(pane)
        self._view.zoom(is_zoomed=is_zoomed)
        self._redraw(force=True)
        self.refresh_bindings()

    def _focus_front(self) -> None:
        """What is in front takes the keys; the prompt only by the user's wish."""
        pane = self._view.pane
        if not self._view.has_class("single"):
            pane = "matrix" if self._view.is_seen("matrix") else "classes"
        self.set_focus(None if pane == "predict" else self._widgets()[pane])

    def _leave_what_is_hidden(self) -> None:
        """No key may act on a pane that cannot be seen."""
        if self.focused is None or not self._view.is_seen(self._focus_pane):
            self._focus_front()
        self.refresh_bindings()

    @on(Tabs.TabActivated, "#panes")
    def _on_pane_shown(self, event: Tabs.TabActivated) -> None:
        if event.tab is not event.tabs.active_tab:
            return  # another came to the front meanwhile
        self._view.show_pane((event.tab.id or "").removeprefix("pane-"))
        self._leave_what_is_hidden()
        self._redraw(force=True)

    @on(Input.Submitted, "#name")
    def _on_name(self, event: Input.Submitted) -> None:
        if event.value.strip() and not self._leave_asked:
            self._question.ask(event.value, self._runs)
            self._redraw(force=True)

    @on(RunView.Fitted)
    def _on_fitted(self) -> None:
        self._leave_what_is_hidden()
        self._redraw(force=True)
