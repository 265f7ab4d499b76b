"""Run directories damaged at random, for a minute; ``python -m bench.fuzz_records`` does it for longer."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from bench.fuzz_records import Fuzz
from bench.record_damage import DAMAGES, FILES, Damage, failing
from namestui.runs import facts_cache
from namestui.runs.run_facts import RunFacts
from namestui.runs.store import RunDirectory

SECONDS = 45.0
MIN_ROUNDS = 5
"""Rounds that a busy machine must get through all the same."""


def test_damaged_runs_are_reasons_and_others_go_on() -> None:
    with Fuzz(seed=int(os.environ.get("NAMESTUI_FUZZ_SEED", "0"))) as fuzz:
        end = time.monotonic() + SECONDS
        while fuzz.rounds < MIN_ROUNDS or time.monotonic() < end:
            fuzz.round()
    assert fuzz.problems == []


def test_what_is_read_badly_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a list that ends at the first run whose config cannot be read
    def fragile(run: RunDirectory) -> RunFacts:
        run.config()
        return real(run)

    real = facts_cache.read_facts
    with Fuzz(seed=1) as fuzz:
        monkeypatch.setattr(facts_cache, "read_facts", fragile)
        # WHEN configs are damaged, THEN that is seen
        monkeypatch.setattr("bench.fuzz_records.DAMAGES", (_no_config,))
        monkeypatch.setattr("bench.fuzz_records.FAILING", 0.0)
        monkeypatch.setattr("bench.fuzz_records.SCREEN", 0.0)
        fuzz.round()
    assert any("runs" in problem for problem in fuzz.problems)


@pytest.mark.parametrize("damage", sorted(set(DAMAGES), key=lambda one: one.__name__))
def test_each_damage_is_one(tmp_path: Path, damage: Damage) -> None:
    draw = random.Random(damage.__name__)
    (tmp_path / "outside").mkdir()
    for number in range(30):
        run = tmp_path / f"run{number}"
        run.mkdir()
        for name in FILES:
            (run / name).write_bytes(b'{"kind":"run_started","config":{"a":1},"classes":["a","b"]}\n{"seq":1}\n')
        for name in ("config.json", "worker.json", "notes.json"):
            (run / name).write_bytes(b'{"format":1,"name":[1,2]}')
        assert damage(draw, run, tmp_path / "outside")
        assert list((tmp_path / "outside").iterdir()) == []


def test_the_system_refuses_one_file_and_no_other(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"x")
    seen = set()
    for seed in range(200):
        with failing(random.Random(seed), tmp_path) as what:
            if what.startswith("flock"):
                continue
            refused = [name for name in FILES if not _opens(tmp_path / name)]
            assert refused == [name for name in FILES if what.startswith(f"{name}:")]
            seen.update(refused)
    assert seen == set(FILES)


def _opens(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def _no_config(_draw: random.Random, run: Path, _outside: Path) -> str:
    (run / "config.json").write_bytes(b"")
    return "config.json: empty"
