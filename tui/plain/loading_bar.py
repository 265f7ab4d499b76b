"""A bar on stderr while a large corpus is read: on a terminal only, and only once it takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from namestui.tui.plain.capabilities import can_draw_bars

PATIENCE = 1.0
"""Seconds without a bar."""


@contextmanager
def loading_bar(clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[str, int, int], None]]:
    """Yields what is to be called with what is done, how much of it, and of how much; the bar vanishes in the end."""
    if not can_draw_bars(sys.stderr):
        yield lambda _what, _done, _total: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from namestui.tui.plain.steady import SteadyConsole

    console = SteadyConsole(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True))
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("")
    since = clock()

    def update(what: str, done: int, total: int) -> None:
        if clock() - since >= PATIENCE:
            bar.start()
        if bar.tasks[0].description != what:
            bar.reset(task, description=what)  # another thing is done now: its time is its own
        bar.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        bar.stop()
