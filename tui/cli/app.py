"""The command line: thin. What a command does lives in a module that is imported when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from namestui.runs.config import DEVICES, MODELS, SPLITS
from namestui.runs.recipes import SETTINGS
from namestui.runs.text import inert
from namestui.tui.screen.terminal import has_terminal

if TYPE_CHECKING:
    from namestui.engine.link.client import Engine
    from namestui.engine.planning.wanted import Wanted
    from namestui.runs.store import RunDirectory, RunStore

_UsageError: Any = typer.BadParameter.__base__  # click's, or typer's own copy of it: that depends on the version

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
Corpus = Annotated[str, typer.Option(help="bundled, a folder of Label.txt files, or a .csv or .tsv of name and label")]
Split = Annotated[
    str | None, typer.Option(help=f"one of: {', '.join(SPLITS)} (default: the recipe's)", show_default=False)
]
Recipe = Annotated[str, typer.Option(help="default, or report: one name a step, SGD, a split that leaks")]
Seed = Annotated[int, typer.Option(help="seed of the split, the weights and the order of names")]
Device = Annotated[str, typer.Option(help=f"one of: {', '.join(DEVICES)}, or cuda:1 and so on")]
Processes = Annotated[int, typer.Option(help="processes that train a run together, each on a GPU of its own")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help=f"a setting of the recipe: {', '.join(SETTINGS)}"),
]
InitFrom = Annotated[
    str | None,
    typer.Option(metavar="RUN", help="start from this run's weights; refused where that leaks", show_default=False),
]
Pretrain = Annotated[
    str | None,
    typer.Option(metavar="CORPUS", help="train on this first, but not on what would leak", show_default=False),
]
Jobs = Annotated[int | None, typer.Option(help="runs that train at once, at most", min=1, show_default=False)]


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
        if has_terminal():
            _open_screen([])
        else:
            from namestui.engine.planning.wanted import Wanted

            _train(Wanted())


@app.command()
def new(
    models: Models = None,
    epochs: Epochs = None,
    corpus: Corpus = "bundled",
    split: Split = None,
    recipe: Recipe = "default",
    seed: Seed = 0,
    device: Device = "auto",
    nproc: Processes = 1,
    init_from: InitFrom = None,
    pretrain: Pretrain = None,
    settings: Settings = None,
    jobs: Jobs = None,
) -> None:
    """Open the screen on new runs."""
    if not has_terminal():
        _fail("no terminal for the screen; `namestui train` does the same without one")
    from namestui.engine.planning.plan import create, plan
    from namestui.engine.planning.wanted import Wanted
    from namestui.tui.plain.loading_bar import loading_bar

    wanted = Wanted(
        models=models or (),
        epochs=epochs,
        corpus=corpus,
        split=split,
        recipe=recipe,
        seed=seed,
        device=device,
        nproc=nproc,
        init_from=init_from,
        pretrain=pretrain,
        settings=settings or (),
    )
    with _told_in_one_line():
        store = _store()
        with loading_bar() as on_progress:
            planned = plan(wanted, store, on_progress)
        created = create(store, planned)
    _open_screen([run.id for run in created], planned.summary, jobs=jobs or 0)


@app.command()
def train(
    models: Models = None,
    epochs: Epochs = None,
    corpus: Corpus = "bundled",
    split: Split = None,
    recipe: Recipe = "default",
    seed: Seed = 0,
    device: Device = "auto",
    nproc: Processes = 1,
    init_from: InitFrom = None,
    pretrain: Pretrain = None,
    settings: Settings = None,
    folds: Annotated[int, typer.Option(help="repeat over so many split seeds; tell mean and 95 % interval")] = 1,
    jobs: Jobs = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the runs and return at once.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the logged events, a JSON object a line.")] = False,
) -> None:
    """Train without a screen; Ctrl-C saves, stops and says how to go on, a hang-up leaves the runs training."""
    from namestui.engine.planning.wanted import Wanted

    wanted = Wanted(
        models=models or (),
        epochs=epochs,
        corpus=corpus,
        split=split,
        recipe=recipe,
        seed=seed,
        device=device,
        nproc=nproc,
        init_from=init_from,
        pretrain=pretrain,
        settings=settings or (),
        folds=folds,
    )
    _train(wanted, jobs=jobs, detach=detach, json=json)


Run = Annotated[str, typer.Argument(metavar="RUN", help="an id, the beginning of one, a name, last or best")]


@app.command()
def attach(
    run: Annotated[list[str], typer.Argument(metavar="RUN...", help="ids, beginnings, names, last, best")],
) -> None:
    """Open the screen on these runs, whatever their state."""
    if not has_terminal():
        _fail("no terminal for the screen; `namestui follow RUN` tells a run in lines")
    with _told_in_one_line():
        found = [_find(wanted) for wanted in run]
    _open_screen([one.id for one in found], attach=True)


@app.command()
def follow(
    run: Run = "last",
    json: Annotated[bool, typer.Option("--json", help="Print the logged events, a JSON object a line.")] = False,
) -> None:
    """Tell a run in lines: its history, then what it does, until it ends."""
    from namestui.tui.plain.watching import follow_run

    with _told_in_one_line():
        raise typer.Exit(follow_run(_store(), _find(run), json=json))


@app.command()
def pause(run: Run) -> None:
    """Pause a run; its worker stays."""
    from namestui.tui.cli import control

    with _told_in_one_line():
        _say(control.pause(_store(), _find(run)))


@app.command()
def resume(
    run: Run,
    device: Annotated[str, typer.Option(help="train here instead of where the run was", show_default=False)] = "",
    nproc: Annotated[
        int | None, typer.Option(help="go on with as many processes (default: as planned)", show_default=False)
    ] = None,
    take_over: Annotated[bool, typer.Option("--take-over", help="Take a run that was another host's.")] = False,
) -> None:
    """Go on after a pause, a stop, a failure or a crash, from the last checkpoint."""
    from namestui.engine.planning.plan import check_resume
    from namestui.tui.cli import control

    with _told_in_one_line():
        found = _find(run)
        check_resume(found, device, nproc)
        _say(control.resume(_store(), found, device=device, take_over=take_over, nproc=nproc))


@app.command()
def stop(run: Run) -> None:
    """Save a checkpoint and end the worker; the run can be resumed."""
    from namestui.tui.cli import control

    with _told_in_one_line():
        _say(control.stop(_store(), _find(run)))


@app.command()
def extend(run: Run, epochs: Annotated[int, typer.Argument(help="epochs more than planned")]) -> None:
    """Train a run longer, at the last rate of its schedule."""
    from namestui.tui.cli import control

    with _told_in_one_line():
        _say(control.extend(_store(), _find(run), epochs))


runs_app = typer.Typer(help="List all runs, or remove some.", invoke_without_command=True)
app.add_typer(runs_app, name="runs")


@runs_app.callback()
def runs(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object a run.")] = False,
) -> None:
    """List all runs, newest first."""
    if context.invoked_subcommand is None:
        from namestui.tui.words.runs import list_runs

        list_runs(_store(), json=json)


@runs_app.command()
def rm(run: Annotated[list[str], typer.Argument(metavar="RUN...", help="ids, beginnings, names")]) -> None:
    """Move runs to the trash folder beside them."""
    with _told_in_one_line():
        from namestui.runs.trash import move_to_trash

        store = _store()
        for one in [_find(wanted) for wanted in run]:
            _say(f"{one.id} is now {move_to_trash(store, one)}")


@app.command()
def replay(
    run: Run,
    speed: Annotated[float, typer.Option(help="times as fast as it was", min=0.01)] = 1.0,
) -> None:
    """Play a recorded run on the screen as if live."""
    if not has_terminal():
        _fail("no terminal for the screen; `namestui follow RUN` tells a run in lines")
    with _told_in_one_line():
        found = _find(run)
        found.config()
    from namestui.tui.state.replay import ReplayEngine

    _open_screen([found.id], engine=ReplayEngine(speed), attach=True, replay=f"replay, speed {speed:g}")


@app.command()
def predict(
    name: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="or one a line from a pipe")] = None,
    run: Annotated[str, typer.Option(help="an id, the beginning of one, a name, last or best")] = "best",
    top: Annotated[int, typer.Option(help="languages to show", min=1, max=20)] = 5,
    letters: Annotated[bool, typer.Option("--letters", help="Show what each letter adds (the report's RNN).")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object a name.")] = False,
) -> None:
    """What the best weights of a run take names for."""
    with _told_in_one_line():
        from namestui.tui.cli.predict import predict_names

        names = name or ([] if sys.stdin.isatty() else [line for line in map(str.strip, sys.stdin) if line])
        if not names:
            _fail("no NAME: give some, or pipe them in, one a line")
        raise typer.Exit(predict_names(_find(run), names, top=top, json=json, letters=letters))


@app.command()
def evaluate(
    run: Run,
    corpus: Annotated[
        str | None, typer.Option(help="score these names instead, without those it has seen", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """How good a run is: accuracy with its interval, macro-F1; precision, recall and support by class."""
    with _told_in_one_line():
        from namestui.tui.cli.evaluate import evaluate as show_evaluation

        show_evaluation(_store(), _find(run), corpus, json=json)


@app.command()
def explain(
    first: Annotated[str, typer.Argument(metavar="RUN", help="such as the RNN's")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="such as the LSTM's")],
) -> None:
    """Why does one network do better? Evidence from two runs, and what it supports."""
    with _told_in_one_line():
        from namestui.tui.cli.explain import explain as show_explanation

        show_explanation(_find(first), _find(second))


@app.command()
def doctor() -> None:
    """Check this machine: torch and its devices, the disk, the terminal, and what a logout does to runs."""
    from namestui.tui.cli.doctor import examine

    raise typer.Exit(examine(_store()))


def _train(wanted: Wanted, *, jobs: int | None = None, detach: bool = False, json: bool = False) -> NoReturn:
    from namestui.engine.planning.plan import create, plan
    from namestui.tui.plain.loading_bar import loading_bar
    from namestui.tui.plain.watching import start_detached, train_runs

    if detach and wanted.folds > 1:
        _fail("--folds needs someone who waits for the mean: it does not go with --detach")
    with _told_in_one_line():
        store = _store()
        with loading_bar() as on_progress:
            planned = plan(wanted, store, on_progress)
        runs = create(store, planned)
        if detach:
            status = start_detached(store, runs, jobs=jobs or len(runs), json=json)
        else:
            at_once = jobs or max(1, (os.cpu_count() or 1) // wanted.nproc)
            status = train_runs(store, runs, planned, jobs=at_once, json=json)
    raise typer.Exit(status)


def _open_screen(
    run_ids: list[str],
    summary: list[str] | None = None,
    *,
    engine: Engine | None = None,
    attach: bool = False,
    replay: str = "",
    jobs: int = 0,
) -> NoReturn:
    from namestui.tui.screen.app import NamesApp, show

    app = NamesApp(_store(), run_ids, summary or [], engine=engine, attach=attach, replay=replay, jobs=jobs)
    raise typer.Exit(show(app))


def _store() -> RunStore:
    from namestui.runs.store import RunStore

    return RunStore()


def _find(wanted: str) -> RunDirectory:
    from namestui.runs.find import find_run

    return find_run(_store(), wanted)


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    """A user's mistake is one line on stderr and exit status 2; a reader of ours that left is no mistake at all."""
    from namestui.data.safe_files import UnsafeFileError
    from namestui.engine.planning.wanted import UsageError
    from namestui.runs.store import RunError
    from namestui.tui.cli.control import CommandFailedError

    try:
        yield
    except CommandFailedError as error:
        typer.echo(f"namestui: {inert(str(error))}", err=True)
        raise typer.Exit(1) from None
    except (UsageError, RunError, UnsafeFileError) as error:
        _fail(str(error))
    except BrokenPipeError:
        # The runs train on. Python would complain again when it flushes stdout, so that leads nowhere now.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None


def _say(text: str) -> None:
    typer.echo(inert(text))


def _fail(message: str) -> NoReturn:
    typer.echo(f"namestui: {inert(message)}", err=True)
    raise typer.Exit(2)


def main() -> None:
    """The command line with its arguments; one that will not do is told in one line, exit status 2."""
    name = "namestui" if Path(sys.argv[0]).name == "__main__.py" else None
    try:
        status = app(prog_name=name, standalone_mode=False)
    except _UsageError as error:
        from namestui.runs.text import inert

        message = inert(" ".join(error.format_message().split())).removesuffix(".")
        command = error.ctx.command_path if error.ctx is not None else "namestui"
        typer.echo(f"namestui: {message}; see {command} --help", err=True)
        status = 2
    sys.exit(status)
