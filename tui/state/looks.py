"""How the panes of a screen are looked at: which charts, how, and which epoch; what of it is kept for the next time."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.runs.screen_session import ChartsSession
from namestui.tui.state.chart_view import ALL_LIVE, STRENGTHS, X_AXES, ChartView
from namestui.tui.state.pages import FIRST_PAGE, Pages


@dataclass(frozen=True)
class Looks:
    """The same for every run of the screen."""

    view: ChartView = ALL_LIVE
    pages: Pages = FIRST_PAGE

    @classmethod
    def of(cls, kept: ChartsSession) -> Looks:
        """As they were left; what is no such value is as it is at first."""
        axis = next((axis for axis in X_AXES if axis == kept.x_axis), ALL_LIVE.x_axis)
        smoothing = kept.smoothing if kept.smoothing in STRENGTHS else ALL_LIVE.smoothing
        view = ChartView(x_axis=axis, smoothing=smoothing, log_y=kept.log_y, outliers=kept.outliers)
        return cls(view, Pages(kept.page, " ".join(kept.filter.split())))

    def kept(self) -> ChartsSession:
        """Everything but the cursor and the part shown: the next time begins live, with all there is."""
        view, pages = self.view, self.pages
        return ChartsSession(
            page=pages.first,
            filter=pages.words,
            x_axis=view.x_axis,
            smoothing=view.smoothing,
            log_y=view.log_y,
            outliers=view.outliers,
        )
