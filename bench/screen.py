"""The screen's cost: first paint, memory, the event loop's lag, bytes to the terminal. 120x40, true colour, bundled.

    python -m bench.screen [paint] [memory] [loop] [bytes]

paint   seconds from just before the process starts until its first frame is on a pseudo-terminal, of ``namestui`` on
        two finished runs (nothing trains) and of a bare Textual app with a Label and a Footer; in turns, medians.
        ``python`` and ``namestui --version`` show what of it is the interpreter and typer.
memory  MB of the screen's process (RSS; PSS counts shared pages by share), after the first paint and after two
        trainers have been watched for 20 s.
loop    ms that the event loop is late, from the first paint on, while two workers import torch and train
        (``bench.lag_app`` says how, and what a lag's time went into).
bytes   written to the terminal a second, while runs train, one is paused, all are paused, and on finished runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import output
from bench.homes import NAMESTUI, finished_home, temporary_home
from bench.terminal import Terminal
from namestui.runs.models import reported
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore

BARE = Path(__file__).with_name("bare_app.py")
EPOCHS = 1000
"""Epochs of the runs that are watched: more than are trained while the screen is measured."""


def paint(repetitions: int) -> output.Table:
    """Median seconds to the first frame, and the ratio to the bare app within each round."""
    python = [sys.executable, "-P"]
    commands: dict[str, tuple[list[str], str | None]] = {
        "bare app": ([*python, str(BARE)], "bare-label"),
        "namestui": ([NAMESTUI], "namestui"),
        "python -m namestui.tui": ([*python, "-m", "namestui.tui"], "namestui"),
        "namestui, finished runs drawn": ([NAMESTUI], "test "),
        "python -c pass": ([*python, "-c", "pass"], None),
        "namestui --version": ([NAMESTUI, "--version"], None),
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with finished_home() as store:
        environment = {"NAMESTUI_HOME": str(store.home)}
        for repetition in range(repetitions + 1):
            for name, (command, text) in commands.items():
                took = _seconds_to(command, text, environment)
                if repetition:  # the first round fills the caches
                    seconds[name].append(took)
    ratios = {
        name: output.middle([took / bare for took, bare in zip(each, seconds["bare app"], strict=True)])
        for name, each in seconds.items()
    }
    rows: list[dict[str, output.Cell]] = [
        {
            "command": name,
            "s": output.middle(each),
            "low": min(each),
            "high": max(each),
            "x bare": ratios[name],
        }
        for name, each in seconds.items()
    ]
    verdict = (
        f"target: namestui at most x1.3 the bare app: x{ratios['namestui']:.2f}, {_met(ratios['namestui'] <= 1.3)}"
    )
    return output.Table("first paint", rows, [verdict, f"medians of {repetitions} rounds, all commands in turns"])


def memory() -> output.Table:
    """MB after the first paint (finished runs) and after watching two trainers."""
    rows: list[dict[str, output.Cell]] = []

    def note(moment: str, terminal: Terminal) -> None:
        rss, pss = terminal.memory()
        rows.append({"moment": moment, "RSS MB": rss, "PSS MB": pss})

    with finished_home() as store, Terminal([NAMESTUI], {"NAMESTUI_HOME": str(store.home)}) as terminal:
        terminal.wait_for("namestui")
        note("first paint", terminal)
        terminal.wait_for("test ")
        time.sleep(2)
        note("finished runs drawn", terminal)
    with temporary_home() as store, _watching(store) as terminal:
        time.sleep(20)
        note("two trainers, watched for 20 s", terminal)
    most = max(float(row["RSS MB"] or 0) for row in rows)
    return output.Table("memory of the screen's process", rows, [f"target: under 65 MB: {most:.0f}, {_met(most < 65)}"])


def loop(seconds: float) -> list[output.Table]:
    """Lags of the event loop, and what the longest went into."""
    with temporary_home() as store:
        out = store.home / "lags.json"
        runs = [store.create(make_config(model, epochs=EPOCHS)).id for model in reported()]
        command = [sys.executable, "-m", "bench.lag_app", str(out), str(seconds), *runs]
        with Terminal(command, {"NAMESTUI_HOME": str(store.home)}) as terminal:
            terminal.process.wait(timeout=seconds + 60)
        found: dict[str, Any] = json.loads(out.read_text())
    lags = [1000 * lag for lag in found["lags"]]
    longest = sorted(found["noted"], key=lambda one: -float(one["lag"]))[:10]
    ours = sum(one["computing"] + one["blocked"] > 0.055 for one in found["noted"])
    summary: dict[str, output.Cell] = {
        "ticks": len(lags),
        "median ms": output.middle(lags),
        "99 % ms": output.percentile(lags, 0.99),
        "max ms": max(lags),
        "over 50 ms": sum(lag > 50 for lag in lags),
        "over 50 ms without waits for a core": ours,
    }
    fields = ("lag", "computing", "garbage", "no core", "blocked")
    details: list[dict[str, output.Cell]] = [
        {"s after paint": one["at"], **{f"{name} ms": 1000 * one[name] for name in fields}} for one in longest
    ]
    notes = [
        f"{1000 * one['lag']:.0f} ms at {one['at']:.2f} s, seen {count} times: {stack}"
        for one in longest
        for stack, count in one["stacks"][:2]
        if one["lag"] > 0.050
    ]
    target = f"target: never over 50 ms: {max(lags):.0f}, {_met(max(lags) <= 50)}"
    return [
        output.Table(f"event loop, {seconds:g} s from the first paint on, two trainers", [summary], [target]),
        output.Table("the longest lags", details, notes),
    ]


def terminal_bytes(seconds: float) -> output.Table:
    """Bytes a second in each situation."""
    rows: list[dict[str, output.Cell]] = []

    def note(situation: str, terminal: Terminal) -> float:
        written = terminal.bytes_written(seconds)
        rows.append({"situation": situation, "bytes/s": written})
        return written

    with temporary_home() as store, _watching(store) as terminal:
        time.sleep(3)
        note("two train, RNN shown", terminal)
        for keys, situation in (
            ("2", "two train, LSTM shown"),
            ("p", "LSTM paused and shown, RNN trains"),
            ("1", "LSTM paused, RNN trains and is shown"),
            ("p", "both paused"),
        ):
            terminal.send(keys)
            time.sleep(3)
            note(situation, terminal)
    with finished_home() as store, Terminal([NAMESTUI], {"NAMESTUI_HOME": str(store.home)}) as terminal:
        terminal.wait_for("test ")
        time.sleep(3)
        idle = note("idle on two finished runs", terminal)
    return output.Table(f"bytes to the terminal, {seconds:g} s each", rows, [f"target: 0 when idle: {_met(idle == 0)}"])


def _watching(store: RunStore) -> Terminal:
    """The screen on an RNN and an LSTM that train, after both have shown their first progress."""
    command = [NAMESTUI, "new", "rnn", "lstm", "--epochs", str(EPOCHS)]
    terminal = Terminal(command, {"NAMESTUI_HOME": str(store.home)})
    terminal.wait_for("batch ")
    return terminal


def _seconds_to(command: Sequence[str], text: str | None, environment: dict[str, str]) -> float:
    """Seconds until ``text`` is written, or, without one, until the command ends."""
    if text is None:
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started
    with Terminal(command, environment) as terminal:
        return terminal.wait_for(text)


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


def main() -> None:
    """Run the parts asked for, all by default."""
    parser = output.parser(__doc__)
    parts: dict[str, Callable[[argparse.Namespace], list[output.Table]]] = {
        "paint": lambda options: [paint(options.repetitions)],
        "memory": lambda _: [memory()],
        "loop": lambda options: loop(options.seconds),
        "bytes": lambda options: [terminal_bytes(options.seconds / 2)],
    }
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(parts)} (default: all)")
    parser.add_argument("--repetitions", type=int, default=9, help="rounds of the first paint")
    parser.add_argument("--seconds", type=float, default=25.0, help="seconds the loop is watched; bytes take half")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    tables = [table for name in options.parts or parts for table in parts[name](options)]
    output.emit("screen", tables, as_json=options.json)


if __name__ == "__main__":
    main()
