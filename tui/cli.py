"""The command line: thin. What a command does lives in a module that is imported when it is asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from namestui.runs.config import DEVICES, MODELS, SPLITS

app = typer.Typer(
    name="namestui",
    help="Train recurrent name classifiers in the background and watch them learn in a terminal.",
    epilog="Runs live below $NAMESTUI_HOME; leaving the screen never stops them.",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Models = Annotated[list[str] | None, typer.Argument(help=f"one or more of: {', '.join(MODELS)} (default: rnn lstm)")]
Epochs = Annotated[int | None, typer.Option(help="epochs to train (default: the model's recipe)", show_default=False)]
Corpus = Annotated[str, typer.Option(help="bundled, or a folder of Label.txt files, one name a line")]
Split = Annotated[str, typer.Option(help=f"one of: {', '.join(SPLITS)}")]
Seed = Annotated[int, typer.Option(help="seed of the split, the weights and the order of names")]
Device = Annotated[str, typer.Option(help=f"one of: {', '.join(DEVICES)}, or cuda:1 and so on")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Without a command: open the runs that live, else the last ones; the first start trains an RNN and an LSTM."""
    if version:
        from namestui.runs.version import VERSION

        typer.echo(f"namestui {VERSION}")
    elif context.invoked_subcommand is None:
        if _has_terminal():
            _open_screen([])
        else:
            _train([], json=False, jobs=None)


@app.command()
def new(
    models: Models = None,
    epochs: Epochs = None,
    corpus: Corpus = "bundled",
    split: Split = "grouped",
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Open the screen on new runs."""
    if not _has_terminal():
        _fail("no terminal for the screen; `namestui train` does the same without one")
    from namestui.runs.store import RunError, RunStore
    from namestui.tui.plan import UsageError, create, plan

    try:
        configs, summary = plan(models or [], epochs=epochs, corpus=corpus, split=split, seed=seed, device=device)
        runs = create(RunStore(), configs)
    except (UsageError, RunError) as error:
        _fail(str(error))
    _open_screen([run.id for run in runs], summary)


@app.command()
def train(
    models: Models = None,
    epochs: Epochs = None,
    corpus: Corpus = "bundled",
    split: Split = "grouped",
    seed: Seed = 0,
    device: Device = "auto",
    jobs: Annotated[
        int | None, typer.Option(help="runs at once, at most (default: one a core)", min=1, show_default=False)
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the runs and return at once.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the logged events, a JSON object a line.")] = False,
) -> None:
    """Train without a screen; Ctrl-C saves, stops and says how to go on, a hang-up leaves the runs training."""
    _train(
        models or [],
        epochs=epochs,
        corpus=corpus,
        split=split,
        seed=seed,
        device=device,
        jobs=jobs,
        detach=detach,
        json=json,
    )


def _train(
    models: list[str],
    *,
    epochs: int | None = None,
    corpus: str = "bundled",
    split: str = "grouped",
    seed: int = 0,
    device: str = "auto",
    jobs: int | None,
    detach: bool = False,
    json: bool,
) -> None:
    from namestui.runs.store import RunError, RunStore
    from namestui.tui.headless import start_detached, train_runs
    from namestui.tui.plan import UsageError, create, plan

    if detach and jobs is not None:
        _fail("--jobs needs someone who waits: it does not go with --detach")
    try:
        configs, summary = plan(models, epochs=epochs, corpus=corpus, split=split, seed=seed, device=device)
        store = RunStore()
        runs = create(store, configs)
        if detach:
            status = start_detached(store, runs)
        else:
            status = train_runs(store, runs, jobs=jobs or os.cpu_count() or 1, json=json, summary=summary)
    except (UsageError, RunError) as error:
        _fail(str(error))
    except BrokenPipeError:
        # Whoever read our lines has left; the runs train on. Python would complain again when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    raise typer.Exit(status)


def _open_screen(run_ids: list[str], summary: list[str] | None = None) -> None:
    from namestui.runs.store import RunStore
    from namestui.tui.app import NamesApp

    screen = NamesApp(RunStore(), run_ids, summary or [])
    screen.run()
    for line in screen.farewell:
        typer.echo(line)
    raise typer.Exit(screen.return_code or 0)


def _has_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def _fail(message: str) -> NoReturn:
    typer.echo(f"namestui: {message}", err=True)
    raise typer.Exit(2)


def main() -> None:
    """Entry point of ``namestui`` and ``python -m namestui.tui``."""
    app(prog_name="namestui" if Path(sys.argv[0]).name == "__main__.py" else None)
