"""What a run reports: typed events, logged to ``events.jsonl`` and streamed over the socket.

Each event is one flat JSON object a line: ``kind`` (the class name in snake case), ``time`` (seconds since
1970), ``run`` (the run's id), and ``seq`` for logged events (0, 1, 2, … within a run; absent otherwise).
A number that is not finite is None (null): JSON has no NaN.
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args

import msgspec

FORMAT = 1
"""Version of the record and the protocol; a reader refuses a newer one politely."""

State = Literal["starting", "running", "pausing", "paused", "stopping", "stopped", "finished", "failed", "interrupted"]
LIVE_STATES: frozenset[str] = frozenset({"starting", "running", "pausing", "paused", "stopping"})
"""States in which a run has, or should have, a worker that trains."""


def snake_case(name: str) -> str:
    """``EpochFinished`` as ``epoch_finished``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def finite(value: float) -> float | None:
    """``value``, or None where it is NaN or infinite."""
    return value if math.isfinite(value) else None


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=snake_case):
    """What all events carry; who writes or sends one fills these in, and nothing is read that lacks them."""

    time: float = math.nan
    run: str = ""


class LoggedEvent(Event, frozen=True, kw_only=True):
    """An event that is part of the record; appended to the file before it is sent."""

    seq: int = -1


class PartCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one part of the split."""

    rows: int
    by_class: list[int]


class RunHead(msgspec.Struct, frozen=True, kw_only=True):
    """What any run has, whatever it trains: ``kind`` says who can read its ``config`` (``names``: our classifiers)."""

    kind: str = "names"
    title: str = ""
    epochs: int = 0


class RunStarted(LoggedEvent, frozen=True, kw_only=True):
    """The first event of every run: what is trained on what. ``head`` is None in the record of an older namestui.

    ``leak``, ``ceiling`` and ``majority_baseline`` are shares of the validation part (see ``data/facts.py``).
    """

    format: int
    config: dict[str, Any]
    classes: list[str]
    alphabet: str
    train: PartCounts
    validation: PartCounts
    test: PartCounts
    majority_baseline: float
    rows: int = 0
    distinct_names: int = 0
    ambiguous_names: int = 0
    leak: float | None = None
    ceiling: float | None = None
    corpus_fingerprint: str
    corpus_summary: list[str]
    parameters: int
    model_text: str
    device: str
    head: RunHead | None = None


class EpochFinished(LoggedEvent, frozen=True, kw_only=True):
    """One line of the curves. Losses in nats a name, accuracies from 0 to 1."""

    epoch: int
    train_loss: float | None
    validation_loss: float | None
    train_accuracy: float
    validation_accuracy: float
    macro_f1: float
    learning_rate: float
    seconds: float
    names_per_second: float


class Metrics(LoggedEvent, frozen=True, kw_only=True):
    """Any numbers by name, after ``epoch`` epochs and ``step`` steps; None is not finite.

    Our own runs count the names that were seen as steps, and log ``gradient_norm``: the mean over the epoch's batches
    of the norm of the gradient of all weights, before clipping (of one batch in 16 where nothing is clipped).
    Names with a slash pair up: ``train/loss`` is drawn with ``validation/loss``.
    """

    step: int
    epoch: int
    values: dict[str, float | None]


class StateChanged(LoggedEvent, frozen=True, kw_only=True):
    """The run is now in ``state``; ``epoch`` epochs are complete and ``batch`` batches of the next one."""

    state: State
    reason: str = ""
    epoch: int
    batch: int


class EpochsPlanned(LoggedEvent, frozen=True, kw_only=True):
    """The run was extended, or ends early: it now ends after ``epochs`` epochs."""

    epochs: int


class CheckpointSaved(LoggedEvent, frozen=True, kw_only=True):
    """``last.pt`` is on disk; what is planned and what was best so far, for who reads the log from its end."""

    epoch: int
    batch: int
    epochs: int = 0
    best_accuracy: float | None = None


AlertLevel = Literal["info", "warning", "error"]


class Alert(LoggedEvent, frozen=True, kw_only=True):
    """Something the user should know that did not end the run; ``topic`` is one word for programs, such as ``disk``.

    ``epoch`` is the epoch that it is about; None: it came at the time, whatever epochs were complete.
    """

    message: str
    topic: str = ""
    level: AlertLevel = "warning"
    epoch: int | None = None


class ClassScore(msgspec.Struct, frozen=True, kw_only=True):
    """Precision and recall of one class, 0 to 1 (None: never predicted, or none there), and its rows."""

    precision: float | None
    recall: float | None
    support: int


class TestScored(LoggedEvent, frozen=True, kw_only=True):
    """The test part, scored once with the best validated weights; ``low`` to ``high``: 95 % Wilson interval."""

    __test__ = False  # not a pytest class

    best_epoch: int
    rows: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    by_class: list[ClassScore] = []


class LengthScore(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy on the probed names of ``low`` to ``high`` letters; None where there are no such ``names``."""

    low: int
    high: int
    names: int
    accuracy: float | None


class EndingScore(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy where only the last ``letters`` letters of a name are seen."""

    letters: int
    accuracy: float


class GateUse(msgspec.Struct, frozen=True, kw_only=True):
    """How open a gate is: mean activation (0 to 1), shares of activations below .1 (``shut``) and above .9."""

    gate: str
    mean: float | None
    shut: float | None
    open: float | None


class Probed(LoggedEvent, frozen=True, kw_only=True):
    """What the network showed after ``epoch`` (0: before its first step) on ``names`` validation names.

    The weights are those that were validated. ``gradients[d]`` is the mean norm of d loss / d letter at distance d
    from the last letter, as a share of that at distance 0, which is ``last_gradient`` itself (nats a unit of the
    one-hot input); ``contributions[d]`` what a letter at that distance adds to the report's RNN's score of the true
    class, minus the others' mean, in nats, absolute. What a network does not have is None, or empty.
    ``seconds`` is what the probe took. See ``engine/evidence/probes.py``.
    """

    epoch: int
    names: int
    accuracy: float
    by_length: list[LengthScore]
    by_ending: list[EndingScore]
    gradients: list[float | None]
    last_gradient: float | None
    spectral_radius: float | None
    gates: list[GateUse]
    contributions: list[float | None]
    seconds: float


class Greeting(Event, frozen=True, kw_only=True):
    """First line on the wire: events from ``next_seq`` on follow on this connection, earlier ones are in the file.

    ``acknowledges``: commands are answered with ``accepted``; a worker of an older namestui only logs what they did.
    """

    format: int
    next_seq: int
    state: State
    acknowledges: bool = False


class Progress(Event, frozen=True, kw_only=True):
    """Where training stands: ``batch`` of ``batches`` in ``epoch`` (counted from 1); at most 10 a second."""

    epoch: int
    batch: int
    batches: int
    loss: float | None
    names_per_second: float


NoticeTopic = Literal["", "disk", "turn", "weights"]


class Notice(Event, frozen=True, kw_only=True):
    """What the run waits for while it lasts: room on the ``disk``, its ``turn``, another run's ``weights``.

    An empty message ends it.
    """

    message: str
    topic: NoticeTopic = ""


class GpuUse(msgspec.Struct, frozen=True, kw_only=True):
    """One GPU, by NVML's ``index``: ``use`` 0 to 1, memory in bytes, °C, watts; None is not measured."""

    index: int
    name: str
    use: float | None = None
    memory: int | None = None
    memory_total: int | None = None
    temperature: float | None = None
    power: float | None = None
    power_limit: float | None = None


class Machine(Event, frozen=True, kw_only=True):
    """What the worker and its machine used in the ``seconds`` before ``time``; None is not measured.

    ``cores`` and the totals are what the worker may use: a container's limits where they are lower than the machine's.
    ``cpu`` is 0 to 1 of ``cores``, ``worker_cpu`` counts cores; ``disk`` is the file system of the run; the rates of
    reading and writing, of all disks, are bytes a second, all else is bytes.
    """

    seconds: float
    cores: float
    cpu: float | None = None
    memory: int | None = None
    memory_total: int | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    disk_read: float | None = None
    disk_written: float | None = None
    worker_cpu: float | None = None
    worker_memory: int | None = None
    gpus: list[GpuUse] = []


class Accepted(Event, frozen=True, kw_only=True):
    """The command ``request`` (pause, resume, stop, checkpoint, extend) has taken effect."""

    request: str


class Confusion(Event, frozen=True, kw_only=True):
    """Validation confusion matrix after ``epoch``: ``matrix[true][predicted]`` rows."""

    epoch: int
    matrix: list[list[int]]


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """One language and its probability (0 to 1)."""

    label: str
    probability: float


class LetterScore(msgspec.Struct, frozen=True, kw_only=True):
    """What one letter of a name adds to the likeliest class's score, counted from the mean of all classes (nats)."""

    letter: str
    score: float


class Predicted(Event, frozen=True, kw_only=True):
    """Answer to ``predict``: ``read`` is the name as the network saw it, ``dropped`` the letters it could not.

    ``letters`` and ``bias`` add up to the likeliest class's log-probability minus the mean of all classes'; only the
    report's RNN is such a sum, for others they are empty and None.
    """

    request: str
    name: str
    read: str
    dropped: str
    predictions: list[Prediction]
    letters: list[LetterScore] = []
    bias: float | None = None


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One validation name and the probability of the class it was predicted as."""

    name: str
    probability: float


class Examples(Event, frozen=True, kw_only=True):
    """Answer to ``list_examples``: validation names of class ``true`` predicted as ``predicted``, surest first."""

    request: str
    true: int
    predicted: int
    examples: list[Example]
    total: int


class Refused(Event, frozen=True, kw_only=True):
    """A command that cannot be carried out now, and why."""

    request: str
    reason: str


Logged = (
    RunStarted | EpochFinished | Metrics | StateChanged | EpochsPlanned | CheckpointSaved | Alert | TestScored | Probed
)
AnyEvent = Logged | Greeting | Progress | Notice | Machine | Confusion | Predicted | Examples | Refused | Accepted

LOGGED_KINDS = get_args(Logged)
KINDS = frozenset(snake_case(kind.__name__) for kind in get_args(AnyEvent))
"""What all events are called in JSON."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """``event`` as one line of JSON, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event in one line of JSON.

    Raises:
        msgspec.DecodeError: not JSON, an unknown kind, fields of the wrong type
            (``msgspec.ValidationError`` is a subclass), or none that says when and of which run.
    """
    try:
        line.decode()  # msgspec skips the names of fields that it does not know
        event = _decoder.decode(line)
    except (UnicodeDecodeError, RecursionError) as error:  # msgspec lets these two through
        raise msgspec.DecodeError(str(error)) from None
    if math.isnan(event.time) or not event.run:
        raise msgspec.DecodeError("an event needs a time and a run")
    if isinstance(event, LoggedEvent) and event.seq < 0:
        raise msgspec.DecodeError("a logged event needs a number")
    return event
