"""New runs: which models, how long, on what."""

from __future__ import annotations

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Label, Static

from namestui.engine.planning.plan import FIRST_MODELS, Plan, plan
from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.runs.models import MODELS
from namestui.runs.store import RunStore
from namestui.runs.text import inert
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.state.new_defaults import refuse_doubtful, with_defaults

A_ROW = 4
"""Models side by side: all of them do not fit 80 columns."""


class Tick(Checkbox):
    """A box that is empty where it is not ticked: the difference does not hang on a colour."""

    BUTTON_LEFT = BUTTON_RIGHT = ""  # drawn in the colour of the background

    def __init__(self, label: str, value: bool, *, id: str) -> None:
        self._draw(value)
        super().__init__(label, value, id=id, compact=True)

    def watch_value(self) -> None:
        """Draw the box anew."""
        self._draw(self.value)
        super().watch_value()

    def _draw(self, value: bool) -> None:
        self.BUTTON_INNER = "[x]" if value else "[ ]"


class NewRun(Dialog[Plan | None]):
    """Asks the few things that differ from run to run; what will not do is said here, and nothing is lost."""

    BINDINGS = [Binding("escape", "dismiss(None)", "cancel")]
    DEFAULT_CSS = """
    NewRun Input {
        width: 44; height: 1; border: none; padding: 0;
        background: $background; background-tint: $foreground 0%;
        & > .input--placeholder { color: $foreground 60%; }
    }
    NewRun Checkbox { width: auto; border: none; padding: 0 2 0 0; background: transparent; }
    NewRun Checkbox, NewRun Checkbox.-on {
        & > .toggle--button { color: $foreground; background: transparent; }
    }
    NewRun #from-file { color: $foreground 60%; height: auto; max-width: 68; margin: 1 0 0 0; }
    NewRun #wrong { color: $text-error; height: auto; }
    """

    def __init__(self, store: RunStore, config: ConfigFile) -> None:
        """What is left empty is as the user's file has it, if it has."""
        super().__init__()
        self._store = store
        self._config = config
        self._done = ""

    def compose(self) -> ComposeResult:
        """One line a question; Enter anywhere starts."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "new runs"
            dialog.border_subtitle = "enter starts, tab moves, space ticks, esc cancels"
            ticked = self._config.config.new.models or FIRST_MODELS
            for models, label in ((list(MODELS)[:A_ROW], "models"), (list(MODELS)[A_ROW:], "")):
                with Horizontal():
                    yield Label(label)
                    for model in models:
                        yield Tick(MODELS[model].title, model in ticked, id=f"model-{model}")
            for name, otherwise in (("epochs", "the recipe's"), ("corpus", "bundled"), ("seed", "0")):
                value = getattr(self._config.config.new, name)
                placeholder = otherwise if value is None else inert(str(value))
                with Horizontal(classes="-spaced" if name == "epochs" else ""):
                    yield Label(name)
                    yield Input(placeholder=placeholder, id=f"new-{name}", compact=True)
            if taken := with_defaults(Wanted(), ["models"], self._config)[1]:
                yield Static(
                    Content(f"from the config file where nothing is typed: {', '.join(taken)}"), id="from-file"
                )
            yield Static("", id="wrong")
            yield Button("start", id="start", compact=True)

    def on_mount(self) -> None:
        """Epochs is what is changed most."""
        self.query_one("#new-epochs", Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#start")
    def _on_start(self) -> None:
        self._check()

    @work(exclusive=True)
    async def _check(self) -> None:
        self._done = ""
        progress_timer = self.set_interval(0.5, self._report_progress)
        models = [model for model in MODELS if self.query_one(f"#model-{model}", Tick).value]
        try:
            if not models:
                raise UsageError("tick at least one model")
            refuse_doubtful(self._config)
            typed = Wanted(
                models=models,
                epochs=self._number("epochs"),
                corpus=self._text("corpus") or "bundled",
                seed=self._number("seed") or 0,
            )
            given = ["models", *(name for name in ("epochs", "corpus", "seed") if self._text(name))]
            wanted, _ = with_defaults(typed, given, self._config)
            found = await asyncio.to_thread(plan, wanted, self._store, self._on_progress)
        except UsageError as error:
            self.query_one("#wrong", Static).update(Content(str(error)))
            return
        finally:
            progress_timer.stop()
        self.dismiss(found)

    def _on_progress(self, what: str, done: int, total: int) -> None:
        self._done = f"{what}: {done / max(total, 1):.0%}"  # called in the thread; the timer shows it

    def _report_progress(self) -> None:
        if self._done:
            self.query_one("#wrong", Static).update(Content(self._done))

    def _text(self, name: str) -> str:
        return self.query_one(f"#new-{name}", Input).value.strip()

    def _number(self, name: str) -> int | None:
        text = self._text(name)
        try:
            return int(text) if text else None
        except ValueError:
            raise UsageError(f"{name}: {text!r} is not a whole number") from None
