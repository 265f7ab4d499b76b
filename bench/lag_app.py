"""The real screen with a clock inside its event loop; ``bench.screen`` starts it on a terminal of its own.

    python -m bench.lag_app OUT SECONDS RUN-ID...

A task sleeps 5 ms at a time from the first paint on. How much later than that it wakes is the loop's lag: the longest
that a key would have waited. For every lag over 20 ms it notes what the main thread's time went into, from
``/proc/thread-self/schedstat``: computing, waiting for a core that another process had, or blocked (a system call, or
another thread's hold on the interpreter); how long, in wall time, the interpreter collected garbage meanwhile; and
where a second thread saw the main thread stand (``stacks``, each with how often it was seen; a garbage collection
lets no other thread run). JSON goes to OUT after SECONDS, then the screen leaves; the trainers train on.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from namestui.runs.store import RunStore
from namestui.tui.screen import app as screen

PERIOD, NOTED, SAMPLE_EVERY = 0.005, 0.020, 0.004
"""Seconds: the task's sleep, the lag from which it is explained, and between two samples of the second thread."""


class ProbedApp(screen.NamesApp):
    """NamesApp and the clock."""

    CSS_PATH = str(Path(screen.__file__).with_name("namestui.tcss"))

    def __init__(self, out: Path, seconds: float, run_ids: list[str]) -> None:
        super().__init__(RunStore(), run_ids)
        self._out, self._seconds = out, seconds
        self._lags: list[float] = []
        self._noted: list[dict[str, Any]] = []
        self._woke = time.perf_counter()
        self._seen: Counter[str] = Counter()
        self._main = threading.get_ident()
        self._collecting = 0.0
        self._collection_began = 0.0

    def on_mount(self) -> None:
        """Start the clock after the first paint (Textual also runs NamesApp's own handler)."""
        self.call_after_refresh(self._start_clock)

    def _start_clock(self) -> None:
        gc.callbacks.append(self._on_collection)
        threading.Thread(target=self._sample, name="sampler", daemon=True).start()
        self._clock = asyncio.create_task(self._tick(), name="bench clock")

    async def _tick(self) -> None:
        started = time.perf_counter()
        while time.perf_counter() - started < self._seconds:
            self._seen.clear()
            self._collecting = 0.0
            before, self._woke = _schedule(), time.perf_counter()
            await asyncio.sleep(PERIOD)
            lag = time.perf_counter() - self._woke - PERIOD
            self._lags.append(lag)
            if lag > NOTED:
                computed, waited = (after - start for after, start in zip(_schedule(), before, strict=True))
                self._noted.append(
                    {
                        "at": self._woke - started,
                        "lag": lag,
                        "computing": computed,
                        "garbage": self._collecting,
                        "no core": waited,
                        "blocked": max(0.0, lag + PERIOD - computed - waited),
                        "stacks": self._seen.most_common(4),
                    }
                )
        self._out.write_text(json.dumps({"lags": self._lags, "noted": self._noted}))
        self.exit(0)

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._collection_began = now
        elif threading.get_ident() == self._main:
            self._collecting += now - self._collection_began

    def _sample(self) -> None:
        """In the second thread: where the main thread stands whenever its task is late."""
        while True:
            time.sleep(SAMPLE_EVERY)
            if time.perf_counter() - self._woke > PERIOD + NOTED / 2:
                self._seen[_stack(self._main)] += 1


def _stack(thread: int) -> str:
    """The innermost eight calls of a thread, innermost first."""
    frame = sys._current_frames().get(thread)
    calls: list[str] = []
    while frame is not None and len(calls) < 8:
        code = frame.f_code
        calls.append(f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_qualname}")
        frame = frame.f_back
    return " < ".join(calls)


def _schedule() -> tuple[float, float]:
    """Seconds that this thread has computed, and has waited for a core; zeros where the kernel does not say."""
    try:
        computed, waited = Path("/proc/thread-self/schedstat").read_text().split()[:2]
    except OSError:
        return 0.0, 0.0
    return int(computed) / 1e9, int(waited) / 1e9


def main() -> None:
    """Open the screen on these runs, starting their workers."""
    out, seconds, *run_ids = sys.argv[1:]
    app = ProbedApp(Path(out), float(seconds), run_ids)
    app.run()
    raise SystemExit(app.return_code or 0)


if __name__ == "__main__":
    main()
