"""The line in which a filter of runs is typed: it offers how to go on."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input


class FilterLine(Input):
    """Tab, or the right arrow, takes what is offered."""

    BINDINGS = [Binding("tab", "complete", "complete", show=False)]
    DEFAULT_CSS = "FilterLine { height: 1; border: none; padding: 0; background: $surface; }"

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        """``complete`` gives a longer filter for the one that is typed, or None."""
        super().__init__(
            placeholder="/ filters: words, model:lstm best>.8 tag:x rate<=0.01 -state:failed",
            suggester=_Completion(complete),
            id="filter",
            compact=True,
        )

    def action_complete(self) -> None:
        """Take what is offered; where nothing is, go to the list."""
        if self._suggestion:
            self.value = self._suggestion
            self.cursor_position = len(self.value)
        else:
            self.screen.focus_next()


class _Completion(Suggester):
    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """What ``value`` may become; nothing where it ends in a blank, so that nothing moves while one reads."""
        return self._complete(value) if value and not value[-1].isspace() else None
