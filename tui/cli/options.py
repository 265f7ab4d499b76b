"""The options that commands share; those of ``new`` and ``train`` come from one dataclass."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from namestui.engine.planning.wanted import Help, UsageError, Wanted
from namestui.runs.config import DEVICES, SPLITS
from namestui.runs.models import MODELS
from namestui.runs.recipes import RECIPES, SETTINGS
from namestui.tui.cli.completion import complete_run
from namestui.tui.cli.prepare import with_user_defaults

RUN_HELP = "a run's id or its beginning, a name, a model, last or best"
Run = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP, autocompletion=complete_run)]
Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help=f"each {RUN_HELP}", autocompletion=complete_run)]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON, one object per line.")]
MachineFigures = Annotated[
    bool, typer.Option("--machine", help="With --json: what the machine does too, a line every 2 s of each run.")
]
Jobs = Annotated[int | None, typer.Option(help="train at most this many runs at once", min=1, show_default=False)]


def check_machine(machine: bool, *, json: bool) -> None:
    """Refuse ``--machine`` where there is no JSON for it to stand in.

    Raises:
        UsageError: there is none.
    """
    if machine and not json:
        raise UsageError("--machine prints figures as JSON: add --json, or press M on the screen to see them drawn")


def wanted_options(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put the fields of ``Wanted``, but ``without`` these, before the options of a command.

    The command takes a ``Wanted`` as its first argument in their place; what is not given is as the user's file has it.
    """
    fields = [field for field in dataclasses.fields(Wanted) if field.name not in without]
    hints = get_type_hints(Wanted, include_extras=True)
    shared = [_parameter(field, hints[field.name]) for field in fields]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

        @functools.wraps(command)
        def with_options(context: typer.Context, **rest: Any) -> None:
            asked = {field.name: rest.pop(field.name) for field in fields}
            asked |= {name: () for name in _LISTS & asked.keys() if asked[name] is None}
            given = [name for name in asked if _is_given(context, name)]
            command(with_user_defaults(Wanted(**asked), given), **rest)

        parameters = [_CONTEXT, *shared, *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own)]
        with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return with_options

    return decorate


_CHOICES: dict[str, Sequence[str]] = {
    "models": tuple(MODELS),
    "split": SPLITS,
    "recipe": RECIPES,
    "device": DEVICES,
    "settings": [f"{name}=" for name in SETTINGS],
}
_CONTEXT = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether an option or argument stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _parameter(field: dataclasses.Field[Any], hint: Any) -> inspect.Parameter:
    kind, described = get_args(hint)
    assert isinstance(described, Help)
    default = field.default
    if _is_list(kind):
        kind, default = list[str] | None, None
    if described.argument:
        asked: Any = typer.Argument(help=described.text, autocompletion=_completed(field.name))
    else:
        flags = [described.flag] if described.flag else []
        asked = typer.Option(
            *flags,
            metavar=described.metavar,
            help=described.text,
            show_default=default is not None,
            autocompletion=_completed(field.name),
        )
    return inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, asked]
    )


def _completed(name: str) -> Callable[[str], list[str]] | None:
    """What a shell completes the values of a field to; None where it cannot know them."""
    if name == "init_from":
        return complete_run
    choices = _CHOICES.get(name)
    return None if choices is None else lambda incomplete: [one for one in choices if one.startswith(incomplete)]


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is get_origin(Sequence[str])


_LISTS = frozenset(name for name, hint in get_type_hints(Wanted).items() if _is_list(hint))
