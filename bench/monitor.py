"""The figures of watching: many long runs opened, keys answered while trainers work, bytes, processor and memory live.

    python -m bench.monitor [open] [keys] [live] [long] [--peers DIR]

Everything on a pseudo-terminal of 120x40. Peers take part where ``DIR`` is a virtual environment that has them:
``python -m venv DIR && DIR/bin/pip install wandb terminalboard tlog-ml``.

open    ``--runs`` finished runs of ``--points`` points each (four curves, so a quarter as many epochs) opened at once:
        seconds from process start until 30 cells of braille were written, processor seconds used by then, resident MB
        of the program and its children once it neither writes nor computes, and bytes a second it writes then. Peers
        on the same curves in their own formats, written once, which takes W&B minutes, and kept in ``DIR``; LEET loads
        one run alone until others are marked. terminalboard 0.5 needs plotext<6, which its package does not say.
keys    ms from a key to the word that it changes, with two trainers busy: ``%`` of the matrix, to and fro, at random
        moments.
live    one epoch a second (``bench.paced_run``), 256 colours: bytes a second and percent of a core, with the curves
        over the whole screen and with all panes.
long    resident MB of the screen while a run records ``--epochs`` epochs as fast as it can.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import output
from bench.fault_flood import write_long_log
from bench.homes import NAMESTUI, temporary_home
from bench.terminal import Terminal
from namestui.runs.history import Latest
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore

CURVES = 4
WRITER = Path(__file__).with_name("peer_runs.py")
FEW_COLOURS = {"COLORTERM": ""}


def opened(runs: int, points: int, repetitions: int, peers: Path | None) -> output.Table:
    """Medians of opening, all programs in turns."""
    epochs = points // CURVES
    found: dict[str, list[dict[str, output.Cell]]] = {}
    notes = [f"{runs} runs of {epochs} epochs with {CURVES} curves; medians of {repetitions} rounds, in turns"]
    with temporary_home() as store:
        for _ in range(runs):
            write_long_log(store.create(make_config("rnn", epochs=epochs)), epochs, classes=18)
        ids = [run.id for run in store.all()]
        commands: dict[str, list[str]] = {"namestui": [NAMESTUI, "attach", *ids]}
        if peers is not None:
            curves = peers / f"curves-{runs}-{epochs}"
            if not curves.exists():
                notes += _write_for_peers(peers, curves, runs, epochs)
            commands |= _peer_commands(peers, curves)
        environment = {"NAMESTUI_HOME": str(store.home), "WANDB_SILENT": "true", "HOME": str(store.home)}
        for repetition in range(repetitions + 1):
            for name, command in commands.items():
                try:
                    row = _open(command, environment)
                except TimeoutError as error:
                    row = dict.fromkeys(("chart s", "core s", "MB", "idle bytes/s"))
                    notes.append(f"{name}: {str(error)[:120]}")
                if repetition:  # the first round fills the caches
                    found.setdefault(name, []).append(row)
    rows: list[dict[str, output.Cell]] = []
    for name, each in found.items():
        whole = [row for row in each if row["chart s"] is not None]
        middles = {key: output.middle([float(row[key] or 0) for row in whole]) for key in each[0]} if whole else {}
        rows.append({"program": name, **middles})
    chart, memory, idle = (float(rows[0][key] or 0) for key in ("chart s", "MB", "idle bytes/s"))
    verdict = (
        f"targets: chart within .5 s {_met(chart <= 0.5)}, under 100 MB {_met(memory < 100)}, idle 0 {_met(not idle)}"
    )
    return output.Table("opening", rows, [verdict, *notes])


def _open(command: Sequence[str], environment: dict[str, str]) -> dict[str, output.Cell]:
    with Terminal(command, environment) as terminal:
        chart, used = terminal.wait_for_dots(), terminal.processor_seconds()
        _settle(terminal)
        return {
            "chart s": chart,
            "core s": used,
            "MB": terminal.memory_of_all(),
            "idle bytes/s": terminal.bytes_written(4.0),
        }


def _settle(terminal: Terminal, patience: float = 60.0) -> None:
    """Wait until it writes nothing and computes nothing for a second: what is not shown may still be read."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        used = terminal.processor_seconds()
        if not terminal.bytes_written(1.0) and terminal.processor_seconds() - used < 0.05:
            return


def _write_for_peers(peers: Path, out: Path, runs: int, epochs: int) -> list[str]:
    """What could not be written, or which of the writers failed."""
    command = [str(peers / "bin" / "python"), str(WRITER), str(out), str(runs), str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    notes = [f"{line['name']} takes no part: {line['missing']}" for line in lines if "missing" in line]
    if done.returncode:
        notes.append(f"not everything was written for the peers: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return notes


def _peer_commands(peers: Path, out: Path) -> dict[str, list[str]]:
    """Those that are installed and have something to show."""
    programs = {
        "W&B LEET": ["wandb", "leet", str(out / "wandb" / "wandb")],
        "terminalboard": ["terminalboard", str(out / "tensorboard")],
        "tlog": ["tlog", "watch", "--dir", str(out / "tlog"), "bench"],
    }
    return {
        name: [str(peers / "bin" / program), *arguments]
        for name, (program, *arguments) in programs.items()
        if (peers / "bin" / program).exists() and any(Path(one).exists() for one in arguments)
    }


def keys(presses: int) -> output.Table:
    """Latencies of a key that changes one word and the matrix."""
    dice = random.Random(7)
    found: list[float] = []
    with (
        temporary_home() as store,
        Terminal([NAMESTUI, "new", "rnn", "lstm", "--epochs", "2000"], {"NAMESTUI_HOME": str(store.home)}) as terminal,
    ):
        terminal.wait_for("batch ")
        terminal.wait_for("counts", "row %")
        time.sleep(3)
        terminal.send("m")
        words = ("row %", "counts")
        for press in range(presses):
            time.sleep(dice.uniform(0.05, 0.4))
            found.append(1000 * terminal.answer("%", words[press % 2]))
    row: dict[str, output.Cell] = {
        "presses": presses,
        "median ms": output.middle(found),
        "99 % ms": output.percentile(found, 0.99),
        "max ms": max(found),
    }
    verdict = f"target: 50 ms at the 99th percentile: {_met(output.percentile(found, 0.99) <= 50)}"
    return output.Table("key to paint, two trainers busy", [row], [verdict])


def live(seconds: float) -> output.Table:
    """Bytes and processor time at an epoch a second."""
    rows: list[dict[str, output.Cell]] = []
    with temporary_home() as store:
        run = store.create(make_config("rnn", epochs=100_000))
        environment = {"NAMESTUI_HOME": str(store.home), **FEW_COLOURS}
        with _paced(store, run, 100_000, 1.0), Terminal([NAMESTUI, "attach", run.id], environment) as terminal:
            terminal.wait_for_dots()
            time.sleep(5)
            for what, typed in (("all panes, matrix too", ""), ("curves over the whole screen", "gz")):
                terminal.send(typed)
                time.sleep(3)
                began, used = time.perf_counter(), terminal.processor_seconds()
                written = terminal.bytes_written(seconds)
                share = (terminal.processor_seconds() - used) / (time.perf_counter() - began)
                rows.append({"shown": what, "bytes/s": written, "% of a core": 100 * share})
    both, curves = (float(row["bytes/s"] or 0) for row in rows)
    share = max(float(row["% of a core"] or 0) for row in rows)
    verdict = (
        f"targets: curves 3 kB/s {_met(curves <= 3000)}, with the matrix 8 kB/s {_met(both <= 8000)}, "
        f"2 % of a core {_met(share <= 2)}"
    )
    return output.Table(f"live, one epoch a second, 256 colours, {seconds:g} s each", rows, [verdict])


def long(epochs: int) -> output.Table:
    """Memory as a record grows."""
    rows: list[dict[str, output.Cell]] = []
    with temporary_home() as store:
        run = store.create(make_config("rnn", epochs=epochs))
        with _paced(store, run, epochs, 0.0), Terminal([NAMESTUI, "attach", run.id], _home(store)) as terminal:
            for share in (0.1, 0.5, 1.0):
                while (at := Latest.read(run).epoch) < share * epochs:
                    time.sleep(0.2)
                time.sleep(3)  # the screen reads what it has missed
                rss, pss = terminal.memory()
                rows.append({"epochs": at, "RSS MB": rss, "PSS MB": pss})
    first, last = (float(row["RSS MB"] or 0) for row in (rows[0], rows[-1]))
    verdict = f"target: flat, at most 20 MB more at the end: {last - first:.0f}, {_met(last - first <= 20)}"
    return output.Table(f"memory over {epochs:,} epochs", rows, [verdict])


def _home(store: RunStore) -> dict[str, str]:
    return {"NAMESTUI_HOME": str(store.home)}


@contextmanager
def _paced(store: RunStore, run: RunDirectory, epochs: int, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """The process that records ``run``, from when it holds it."""
    command = [sys.executable, "-m", "bench.paced_run", run.id, str(epochs), str(seconds)]
    process = subprocess.Popen(
        command, env={**os.environ, **_home(store)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    try:
        while not run.is_locked() and process.poll() is None:
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


def main() -> None:
    """Run the parts asked for, all by default."""
    parser = output.parser(__doc__)
    parts: dict[str, Callable[[argparse.Namespace], output.Table]] = {
        "open": lambda options: opened(options.runs, options.points, options.repetitions, options.peers),
        "keys": lambda options: keys(options.presses),
        "live": lambda options: live(options.seconds),
        "long": lambda options: long(options.epochs),
    }
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(parts)} (default: all)")
    parser.add_argument("--runs", type=int, default=20, help="that are opened")
    parser.add_argument("--points", type=int, default=50_000, help="of each of them")
    parser.add_argument("--repetitions", type=int, default=3, help="rounds of opening")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="a virtual environment with other monitors")
    parser.add_argument("--presses", type=int, default=200, help="keys that are timed")
    parser.add_argument("--seconds", type=float, default=30.0, help="that each live picture is watched")
    parser.add_argument("--epochs", type=int, default=100_000, help="of the long record")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    output.emit("monitor", [parts[name](options) for name in options.parts or parts], as_json=options.json)


if __name__ == "__main__":
    main()
