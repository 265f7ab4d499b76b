"""The least Textual program: a Label and a Footer; ``bench.screen`` holds the first paint against it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Label


class BareApp(App[None]):
    """One line of text and the keys."""

    BINDINGS = [("q", "quit", "leave")]

    def compose(self) -> ComposeResult:
        """A label and a footer."""
        yield Label("bare-label")
        yield Footer(show_command_palette=False)


if __name__ == "__main__":
    BareApp().run()
