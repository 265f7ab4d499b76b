"""Random keys, sequences, pastes, mouse reports, sizes and suspends: the screen never fails."""

from __future__ import annotations

import os
import random
from itertools import islice

from bench.fuzz_input import Resize, steps
from bench.fuzz_keys import fuzz

SECONDS = 20.0


def test_no_input_ends_the_screen_in_an_error() -> None:
    # Another seed each time; a failure names it, and NAMESTUI_FUZZ_SEED repeats it.
    seed = int(os.environ.get("NAMESTUI_FUZZ_SEED") or random.SystemRandom().randrange(1 << 32))
    report = fuzz(SECONDS, seed)
    assert not report.failures, str(report)
    assert report.sessions >= 2
    assert report.writes > 50


def test_a_seed_is_repeatable_and_brings_everything() -> None:
    drawn = list(islice(steps(7), 3000))
    assert drawn == list(islice(steps(7), 3000)) != list(islice(steps(8), 3000))
    assert {type(step) for step in drawn} == {bytes, Resize}
    typed = b"".join(step for step in drawn if isinstance(step, bytes))
    for kind in (b"\x1a", b"\x1b[200~", b"\x1b[<", b"\x1b[M", b"\x1b]11;", b"\x10\x11\x10"):
        assert kind in typed
    assert Resize(1, 1) in drawn
