"""The inner tabs of a small terminal, where one pane is shown at a time."""

from __future__ import annotations

from textual.widgets import Tab

from namestui.tui.widgets.steady_tabs import SteadyTabs

PANES = ("curves", "matrix", "classes", "predict")


class PaneTabs(SteadyTabs, can_focus=False):
    """Curves, Matrix, Classes, Predict; shown by the style sheet where the screen is narrow."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; }
    PaneTabs #tabs-scroll { height: 1; }
    PaneTabs Underline { display: none; }
    PaneTabs Tab { height: 1; padding: 0 1; }
    PaneTabs Tab.-active { text-style: bold underline; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(*(Tab(pane.title(), id=f"pane-{pane}") for pane in PANES), id=id)
