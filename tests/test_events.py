"""The protocol: every event and command survives its line of JSON, and nothing but DecodeError comes of garbage."""

from __future__ import annotations

import json
import math
import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs import commands, events
from namestui.runs.events import LOGGED_KINDS, AnyEvent, Event, LoggedEvent, finite, snake_case

EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
COMMANDS: tuple[type[commands.Command], ...] = get_args(commands.AnyCommand)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
BASIC: dict[Any, st.SearchStrategy[Any]] = {
    int: INTEGERS,
    float: FLOATS,
    str: st.text(),
    bool: st.booleans(),
    type(None): st.none(),
    Any: JSON,
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    if kind in BASIC:
        return BASIC[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values_of, arguments))
    if origin is list:
        return st.lists(values_of(arguments[0]), max_size=4)
    if origin is dict:
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=4)
    return structs_of(kind)


def structs_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a message type, built from its fields."""
    fields = {field.name: values_of(field.type) for field in msgspec.structs.fields(kind)}
    if issubclass(kind, Event):
        fields["run"] = st.text(min_size=1)
    if issubclass(kind, LoggedEvent):
        fields["seq"] = st.integers(0, 2**63 - 1)
    return st.builds(kind, **fields)


any_event = st.one_of(*map(structs_of, EVENTS))
any_command = st.one_of(*map(structs_of, COMMANDS))


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_survives_its_line(kind: type[Event]) -> None:
    @given(structs_of(kind))
    def check(event: Event) -> None:
        line = events.encode(event)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert b"\r" not in line
        assert events.decode(line) == event
        # One flat object, its kind in snake case, its sequence number only if it is logged.
        fields = json.loads(line)
        assert fields["kind"] == snake_case(kind.__name__)
        assert set(fields) == {"kind", *(field.name for field in msgspec.structs.fields(kind))}
        assert {"time", "run"} <= set(fields)
        assert ("seq" in fields) == isinstance(event, LoggedEvent) == (kind in LOGGED_KINDS)

    check()


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_survives_its_line(kind: type[commands.Command]) -> None:
    @given(structs_of(kind).filter(lambda command: command.request))
    def check(command: commands.Command) -> None:
        line = commands.encode(command)
        assert line.count(b"\n") == 1
        assert commands.decode(line) == command
        fields = json.loads(line)
        assert fields["kind"] == snake_case(kind.__name__)
        assert "request" in fields

    check()


def test_kinds_are_those_of_the_design() -> None:
    logged = {"run_started", "epoch_finished", "state_changed", "epochs_planned", "checkpoint_saved", "alert"}
    assert {snake_case(kind.__name__) for kind in LOGGED_KINDS} == {*logged, "test_scored", "probed", "metrics"}
    told = {"pause", "resume", "stop", "checkpoint", "extend", "predict", "list_examples"}
    assert {snake_case(kind.__name__) for kind in COMMANDS} == told


@given(st.floats())
def test_numbers_that_are_not_finite_are_none(value: float) -> None:
    assert finite(value) == (value if math.isfinite(value) else None)
    progress = events.Progress(time=0.0, run="r", epoch=1, batch=1, batches=1, loss=finite(value), names_per_second=0.0)
    assert events.decode(events.encode(progress)) == progress


def test_a_missing_loss_is_null_in_json() -> None:
    progress = events.Progress(time=0.0, run="r", epoch=1, batch=1, batches=1, loss=None, names_per_second=0.0)
    assert json.loads(events.encode(progress))["loss"] is None


@pytest.mark.parametrize("decode", [events.decode, commands.decode])
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null",
        b"[]",
        b"pause",
        b"{}",
        b'{"kind":"reboot","request":"1","time":0,"run":"r"}',
        b'{"kind":"pause"}',
        b'{"kind":"extend","request":"1","epochs":"many"}',
        b'{"kind":"extend","request":"1","epochs":' + b"9" * 5000 + b"}",
        b'{"kind":"alert","time":0,"run":"r","seq":0}',
        b'{"kind":"alert","time":0,"run":"r","message":""}',
        b'{"kind":"alert","time":0,"seq":0,"message":""}',
        b'{"kind":"notice","run":"r","message":""}',
        b'{"kind":"alert","time":0,"run":"r","seq":0,"message":"","lev\xffl":"error"}',
        b'{"kind":"pause","request":"\xff"}',
        b'{"kind":"pause","request":"\\ud800"}',
        b'{"kind":"alert","time":0,"run":"\xff","seq":0,"message":""}',
        b'{"kind":"pause","request":"1","more":' + b"[" * 50_000,
        b'{"kind":"alert","time":0,"run":"r","seq":0,"message":"","more":' + b"[" * 50_000,
    ],
    ids=lambda value: value[:60].decode(errors="replace") if isinstance(value, bytes) else None,
)
def test_garbage_raises_decode_error(decode: Any, line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(line)


@given(st.binary(max_size=60), st.binary(max_size=3), st.one_of(any_event, any_command), st.data())
def test_damaged_lines_raise_decode_error_or_are_messages(
    garbage: bytes, patch: bytes, message: Any, data: st.DataObject
) -> None:
    whole = (events if isinstance(message, Event) else commands).encode(message)  # type: ignore[arg-type]
    at = data.draw(st.integers(0, len(whole)))
    for line in (garbage, whole[:at], whole[:at] + patch + whole[at + len(patch) :]):
        for decode in (events.decode, commands.decode):
            try:
                found = decode(line)
            except msgspec.DecodeError:
                continue
            assert isinstance(found, (Event, commands.Command))


def test_fields_of_a_later_version_are_let_through() -> None:
    line = b'{"kind":"pause","request":"1","gently":true}\n'
    assert commands.decode(line) == commands.Pause(request="1")
