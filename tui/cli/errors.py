"""How a command ends: the exit statuses, and the one line on standard error that says why."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import typer

from namestui.data.safe_files import UnsafeFileError
from namestui.engine.planning.wanted import UsageError
from namestui.runs.config import ConfigError
from namestui.runs.store import RunError
from namestui.tui.plain.output import OutputError, give_up_output, prepare_streams, warn

FAILED, WRONG, INTERRUPTED = 1, 2, 130
"""Failed on the way; wrong arguments or input; Ctrl-C. 0 is done."""

Given = ParamSpec("Given")
_WrongCallError: Any = typer.BadParameter.__base__  # click's, or typer's own copy of it: that depends on the version


def in_one_line(command: Callable[Given, None]) -> Callable[Given, None]:
    """Have ``command`` end with one line and a status where something will not do, or does not come out."""

    @functools.wraps(command)
    def careful(*arguments: Given.args, **options: Given.kwargs) -> None:
        try:
            command(*arguments, **options)
        except (UsageError, ConfigError, UnsafeFileError) as error:
            _end(str(error), WRONG)
        except RunError as error:
            from namestui.tui.cli.control import CommandFailedError

            _end(str(error), FAILED if isinstance(error, CommandFailedError) else WRONG)
        except OutputError as error:
            give_up_output()
            _end(str(error), FAILED)  # what has been started trains on
        except OSError as error:
            _end(_system(error), FAILED)

    return careful


def run(app: typer.Typer) -> NoReturn:
    """The command line with this process's arguments."""
    try:
        prepare_streams()
    except OutputError as error:
        warn(str(error))
        give_up_output()
        sys.exit(FAILED)
    sys.exit(_status(app))


def _status(app: typer.Typer) -> int:
    name = "namestui" if Path(sys.argv[0]).name == "__main__.py" else None
    try:
        status: int | None = app(prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except _WrongCallError as error:
        message = " ".join(error.format_message().split()).removesuffix(".")
        command = error.ctx.command_path if error.ctx is not None else "namestui"
        warn(f"{message}{' See' if message.endswith('?') else '; see'} {command} --help")
        return WRONG
    except typer.Abort:
        return INTERRUPTED
    except BrokenPipeError:
        give_up_output()
        return FAILED
    except OSError as error:  # of the help, say, or of the shell's files that completion is written to
        warn(_system(error) if error.filename else f"standard output cannot be written: {error.strerror or error}")
        give_up_output()
        return FAILED
    return status or 0


def _system(error: OSError) -> str:
    """What the system refused, and of which file."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if isinstance(error.filename, str) else reason


def _end(message: str, status: int) -> NoReturn:
    if message:
        warn(message)
    raise typer.Exit(status)
