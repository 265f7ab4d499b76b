"""A screen above the others that is answered once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen, Screen, ScreenResultType


class AnsweredOnce(Screen[ScreenResultType]):
    """Closes only itself: Textual's ``dismiss`` takes away what is on top, at a second key even the main screen."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with ``result``; nothing where another screen is on top, or this one is closed already."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Dialog(ModalScreen[ScreenResultType], AnsweredOnce[ScreenResultType]):
    """What every dialog of ours is; styles come from the first base alone.

    One with a method ``reads`` has something to copy.
    """

    BINDINGS = [Binding("Y,ctrl+y", "app.copy", "copy", show=False, key_display="Y")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key acts before there is something to act on: one may come before the first frame."""
        return super().check_action(action, parameters) if self.is_mounted else False
