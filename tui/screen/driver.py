"""Textual's driver for our terminals: no input can end it, it can be suspended, and keys wait for those before them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import select
import signal
import termios
import time
from typing import TYPE_CHECKING, Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.widgets import Input

from namestui.tui.screen.frames import Frames
from namestui.tui.screen.input_parser import InputParser
from namestui.tui.screen.settling import settled
from namestui.tui.screen.terminal import MODES_OFF, Ending

if TYPE_CHECKING:
    from textual.app import App

PATIENCE = 0.5
"""Seconds that a key waits for what the one before it does."""


class TerminalDriver(LinuxDriver):
    """Reads and draws on a terminal, and gives it back however the screen ends.

    Sizes come from SIGWINCH alone, not from reports in the input (mode 2048), which anything could type.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._ending = Ending(self.fileno)
        self._frames = Frames()
        self._listen()

    def _listen(self) -> None:
        # As callbacks of the loop: in the middle of a write they would wait for it for ever.
        self._loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        self._loop.add_signal_handler(signal.SIGCONT, self._on_continued)
        # A loop that is behind is woken anyway; the interpreter need not complain on the terminal.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)

    def start_application_mode(self) -> None:
        """Take the terminal; in the background only once the shell brings us to the front (SIGTTOU stops us here)."""
        termios.tcsetattr(self.fileno, termios.TCSANOW, termios.tcgetattr(self.fileno))
        self._ending.catch()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give everything back, also what Textual forgets."""
        super().stop_application_mode()
        self.write(MODES_OFF)
        self.flush()

    def close(self) -> None:
        """The terminal is given back: signals do what they did."""
        super().close()
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)  # no loop is there any more to hear of a size
        self._writer_thread = None
        self._ending.release()

    def write(self, data: str) -> None:
        """Write to the terminal what looks different from before; nothing while it is not ours."""
        if self._writer_thread is not None and (reduced := self._frames.reduced(data, self._get_terminal_size())):
            super().write(reduced)

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the terminal says, not COLUMNS and LINES, which somebody may have exported long ago."""
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(self.fileno)
            if columns and rows:
                return columns, rows
        return super()._get_terminal_size()

    def _query_in_band_window_resize(self) -> None:
        """Sizes in the input are not asked for."""

    def suspend(self) -> None:
        """Give the terminal back and stop (ctrl+z, SIGTSTP); the shell's ``fg`` brings everything back."""
        if os.getsid(0) == os.getpid():
            self._app.notify("no shell to go back to: ctrl+z does nothing here", severity="warning", markup=False)
            return
        if self._app._exit:
            return  # it leaves anyway: nothing may take the terminal again
        for number in (signal.SIGTSTP, signal.SIGCONT):
            self._loop.remove_signal_handler(number)
        self.suspend_application_mode()
        os.kill(0, signal.SIGTSTP)  # the whole job, as the terminal itself would
        self._resume()
        self._listen()

    def _on_continued(self) -> None:
        """After a stop that nobody announced (SIGSTOP), the terminal is the shell's."""
        if self._app._exit:
            return
        self.suspend_application_mode()
        self._resume()

    def _resume(self) -> None:
        self.resume_application_mode()
        self._app.refresh(layout=True)

    def run_input_thread(self) -> None:
        """Read until the end of the application mode; the end of the terminal is ours, too."""
        parser = InputParser()
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        while not self.exit_event.is_set():
            if poll.poll(100):
                self._read(parser)
            for message in parser.tick():
                self.process_message(message)

    def _read(self, parser: InputParser) -> None:
        try:
            data = os.read(self.fileno, 4096)
            if not data:
                termios.tcgetattr(self.fileno)
        except (OSError, termios.error):
            self._ending.end(signal.SIGHUP)
        if not data:
            time.sleep(0.1)  # ctrl+d where a program in between has changed the terminal's mode
        for message in parser.feed(data):
            self.process_message(message)

    def process_message(self, message: Message) -> None:
        """Post a message from the terminal; a key that may move the focus is dealt with before the next one."""
        super().process_message(message)
        if isinstance(message, events.MouseMove) or not isinstance(message, events.InputEvent | events.Paste):
            return
        if isinstance(message, events.Key) and message.is_printable and isinstance(self._app.focused, Input):
            return
        done = asyncio.run_coroutine_threadsafe(settled(self._app), self._loop)
        deadline = time.monotonic() + PATIENCE
        while not self.exit_event.is_set() and time.monotonic() < deadline:
            try:
                done.result(0.02)
            except concurrent.futures.TimeoutError:
                continue
            except concurrent.futures.CancelledError:
                pass
            return
        done.cancel()
