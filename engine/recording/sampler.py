"""The worker's third thread: every two seconds it measures what the worker and its machine use.

Not the thread that serves the clients: a driver, or a disk behind a network, may not answer for long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from namestui.engine.recording.machine import Meter
from namestui.engine.recording.worker_log import note
from namestui.runs.events import Machine

EVERY = 2.0
"""Seconds between two samples."""
PATIENCE = 1.0
"""Seconds that an end waits for a sample that is being taken."""


class Sampler:
    """Takes a sample every `EVERY` seconds from ``start`` to ``stop``, and hands it to ``publish`` in its thread."""

    def __init__(self, folder: Path, publish: Callable[[Machine], object]) -> None:
        """``folder`` is on the file system whose free room is measured."""
        self._folder = folder
        self._publish = publish
        self._stopping = threading.Event()
        self._noted = ""
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)

    def start(self) -> None:
        """Begin; what measures is loaded in the thread, too."""
        self._thread.start()

    def stop(self) -> None:
        """Hand over nothing from now on."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            meter = Meter(self._folder)
            while not self._stopping.wait(EVERY):
                try:
                    sample = meter.sample()
                except OSError as error:  # too many files are open, say: what is missing now is measured again later
                    self._note_once(error)
                    continue
                if not self._stopping.is_set():
                    self._publish(sample)
        except Exception as error:  # no part of training: whatever goes wrong with figures must not end the run
            note(error)

    def _note_once(self, error: OSError) -> None:
        if str(error) != self._noted:
            self._noted = str(error)
            note(error)
