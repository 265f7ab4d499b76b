"""Keys of the panes: which is in front or has the focus, and how it is looked at."""

from __future__ import annotations

from textual import on
from textual.widgets import Input, Tabs

from namestui.tui.screen.desk import Desk
from namestui.tui.screen.run_view import RunView


class Panes(Desk):
    """Curves, matrix, prompt."""

    def action_predict(self) -> None:
        """Go to the name prompt."""
        self._view.show_pane("predict")
        self.set_focus(self._view.prompt)  # at once: what is typed next belongs to it

    def action_matrix(self) -> None:
        """Go to the confusion matrix."""
        self._view.show_pane("matrix")
        self.set_focus(self._view.matrix)

    def action_go_back(self) -> None:
        """Out of the prompt; on a small terminal then back to the curves."""
        if not self._view.prompt.has_focus:
            self._view.show_pane("curves")
        self._focus_matrix()

    def _focus_matrix(self) -> None:
        """Its keys work where it can be seen, and nowhere else."""
        is_seen = not self._view.is_narrow or self._view.pane == "matrix"
        self.set_focus(self._view.matrix if is_seen else None)

    def action_log_axis(self) -> None:
        """Show losses on a logarithmic axis, or back."""
        self._log_axis = not self._log_axis
        self._redraw(force=True)

    @on(Tabs.TabActivated, "#panes")
    def _on_pane_shown(self, event: Tabs.TabActivated) -> None:
        self._view.show_pane((event.tab.id or "").removeprefix("pane-"))
        self._leave_what_is_hidden()

    def _leave_what_is_hidden(self) -> None:
        """No key may act on a pane that cannot be seen."""
        if self.focused is not self._view.prompt or (self._view.is_narrow and self._view.pane != "predict"):
            self._focus_matrix()
        self.refresh_bindings()

    @on(Input.Submitted, "#name")
    def _on_name(self, event: Input.Submitted) -> None:
        if event.value.strip() and not self._leave_asked:
            self._question.ask(event.value, self._runs)
            self._redraw(force=True)

    @on(RunView.Fitted)
    def _on_fitted(self) -> None:
        self._leave_what_is_hidden()
        self._redraw(force=True)
