"""The command line's root. What a command does is imported when it is asked for."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from namestui.tui.cli import config, doctor, errors, evaluate, explain, predict, run_commands, runs, train, watch
from namestui.tui.cli.errors import in_one_line
from namestui.tui.cli.prepare import prepare, with_user_defaults
from namestui.tui.cli.screen import is_dumb_terminal, need_screen, open_screen
from namestui.tui.screen.terminal import has_terminal

app = typer.Typer(
    name="namestui",
    help="Train recurrent name classifiers in the background and watch them learn in a terminal.",
    epilog="Runs are kept below $NAMESTUI_HOME; leaving the screen never stops them.",
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
@in_one_line
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Without a command: open the live runs, else the last ones; the first start trains an RNN and an LSTM."""
    if version:
        from namestui.runs.version import VERSION
        from namestui.tui.plain.output import say

        say(f"namestui {VERSION}")
        return
    prepare(context.invoked_subcommand)
    if context.invoked_subcommand is None:
        if is_dumb_terminal():
            need_screen("namestui train prints lines")
        if has_terminal():
            open_screen([])
        from namestui.engine.planning.wanted import Wanted

        train.train_wanted(with_user_defaults(Wanted(), ()))


for command in (
    *(train.new, train.train),
    *(watch.attach, watch.follow),
    *(run_commands.pause, run_commands.resume, run_commands.stop, run_commands.extend),
):
    app.command()(in_one_line(command))

runs_app = typer.Typer(help="List, filter and sort all runs, tag some or remove them.", invoke_without_command=True)
runs_app.callback()(in_one_line(runs.runs))
for command in (runs.tag, runs.untag, runs.rm):
    runs_app.command()(in_one_line(command))
app.add_typer(runs_app, name="runs")

for command in (watch.replay, predict.predict, evaluate.evaluate, explain.explain, config.config, doctor.doctor):
    app.command()(in_one_line(command))


def main() -> NoReturn:
    """The command line with its arguments."""
    errors.run(app)
