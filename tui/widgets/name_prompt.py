"""Where a name is typed."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.widgets import Input

from namestui.data.alphabet import MAX_LETTERS

MAX_KEPT = 200
"""Names that can be called up again, at most."""


class NamePrompt(Input):
    """A line without a box; Enter asks every open run, up and down call up the names that were asked or pasted."""

    BINDINGS = [
        Binding("enter", "submit", "ask every open run", key_display="enter"),
        Binding("up", "recall(-1)", "name before", show=False),
        Binding("down", "recall(1)", "next name", show=False),
    ]

    def __init__(self, id: str | None = None) -> None:
        # Selecting at focus comes late: it would take in, and so lose, what was typed at once.
        super().__init__(placeholder="Satoshi", compact=True, max_length=MAX_LETTERS, select_on_focus=False, id=id)
        self._names: list[str] = []
        self._at = 0

    async def action_submit(self) -> None:
        """Ask, and let the next name replace this one."""
        name = self.value.strip()
        if name and name not in self._names[self._at : self._at + 1]:
            self._names = [*self._names, name][-MAX_KEPT:]
            self._at = len(self._names) - 1
        await super().action_submit()
        self.action_select_all()

    def action_recall(self, step: int) -> None:
        """Show a name that was asked or pasted, one before or after the shown one."""
        if 0 <= self._at + step < len(self._names):
            self._at += step
            self.value = self._names[self._at]
            self.action_select_all()

    async def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]  # it may wait as well
        """One name is put in like typed text; of several the first is asked, and the others are kept."""
        names = [line.strip()[:MAX_LETTERS] for line in event.text.splitlines() if line.strip()]
        event.stop()
        event.prevent_default()
        if len(names) <= 1:
            if names:
                self.replace(names[0], *sorted(self.selection))
            return
        more = f" of which the first {MAX_KEPT} are kept" if len(names) > MAX_KEPT else ""
        advice = "down calls up the next; `namestui predict` takes lists"
        self.notify(f"{len(names)} names pasted{more}: asking the first; {advice}", markup=False)
        self._names, self._at = names[:MAX_KEPT], 0
        self.value = names[0]
        await self.action_submit()
