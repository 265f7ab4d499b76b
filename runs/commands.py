"""Commands to a run, one flat JSON object a line, each with a request id for its answer."""

from __future__ import annotations

import msgspec

from namestui.runs.events import snake_case


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=snake_case):
    """``request`` comes back in the answer: ``accepted``, ``predicted``, ``examples`` or ``refused``.

    It is the client's to set, so that nobody else has to make one up.
    """

    request: str = ""


class Pause(Command, frozen=True, kw_only=True):
    """Pause at the next batch boundary; ``accepted`` once it is paused."""


class Resume(Command, frozen=True, kw_only=True):
    """Continue after a pause."""


class Stop(Command, frozen=True, kw_only=True):
    """Save a checkpoint and end the worker; the run can be resumed."""


class Checkpoint(Command, frozen=True, kw_only=True):
    """Save ``last.pt`` now."""


class Extend(Command, frozen=True, kw_only=True):
    """Train ``epochs`` epochs more than planned, at the schedule's last rate."""

    epochs: int


class Predict(Command, frozen=True, kw_only=True):
    """Classify ``name`` with the weights of this moment (after the run: the best validated ones)."""

    name: str


class ListExamples(Command, frozen=True, kw_only=True):
    """List the validation names of class ``true`` that are predicted as class ``predicted`` (indices)."""

    true: int
    predicted: int


AnyCommand = Pause | Resume | Stop | Checkpoint | Extend | Predict | ListExamples

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def encode(command: Command) -> bytes:
    """``command`` as one line of JSON, newline included."""
    return _encoder.encode(command) + b"\n"


def decode(line: bytes) -> AnyCommand:
    """The command in one line of JSON.

    Raises:
        msgspec.DecodeError: not JSON, an unknown kind, no request id, or fields of the wrong type.
    """
    try:
        command = _decoder.decode(line)
    except (UnicodeDecodeError, RecursionError) as error:  # msgspec lets these two through
        raise msgspec.DecodeError(str(error)) from None
    if not command.request:
        raise msgspec.DecodeError("a command needs a request id")
    return command
