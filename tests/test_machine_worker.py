"""A worker measures its machine; who comes later, and who asks by a command, gets what it has."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from namestui.engine.link.launch import launch
from namestui.engine.recording import gpus
from namestui.engine.recording.server import Server
from namestui.runs import events
from namestui.runs.events import Greeting, Machine, Notice
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.cli import checks
from namestui.tui.plain import follow_run, training
from namestui.tui.plain.json_lines import JsonReporter
from namestui.tui.state.run_state import RunState
from tests.command_line import Call
from tests.test_machine import FakeNvml
from tests.test_server import Client
from tests.watching import Create, Watch, pid_of, record_of, until


def refused(answer: tuple[int, str, str]) -> str:
    assert (answer[0], answer[1], answer[2].count("\n")) == (2, "", 1), answer
    return answer[2]


async def test_who_comes_later_gets_what_was_measured_before(store: RunStore, create: Create, watch: Watch) -> None:
    # GIVEN a worker that has measured twice, seen by a client
    run = create()
    watch.client.start(run)
    first = await watch.until(Machine)
    second = await watch.until(Machine, lambda sample: sample.time > first.time)
    # WHEN another client connects
    late = Watch(store)
    late.client.open(run)
    again = await late.until(Machine)
    # THEN it gets both at once, of that process and that disk, and none of it is in the record
    assert again == first
    assert await late.until(Machine) == second
    await late.client.close()
    assert first.run == run.id
    assert first.worker_memory == pytest.approx(psutil.Process(pid_of(run)).memory_info().rss, rel=0.9)
    assert first.disk_total == psutil.disk_usage(str(run.path)).total
    assert all(event.run == run.id for event in record_of(run))


def test_the_history_comes_after_the_greeting_and_only_the_newest_of_all_else(tmp_path: Path) -> None:
    server = Server(tmp_path / "socket", "a-run", 0, "running")
    server.start()
    try:
        samples = [Machine(time=2.0 * number, run="a-run", seconds=2.0, cores=1.0) for number in range(1, 6)]
        for sample in samples:
            server.publish(sample)
            server.publish(Notice(time=0.0, run="a-run", message=str(sample.time)))
        client = Client(tmp_path / "socket")
        assert isinstance(client.read(), Greeting)
        rest = [client.read() for _ in range(6)]
        assert rest == [Notice(time=0.0, run="a-run", message="10.0"), *samples]
        client.close()
    finally:
        server.stop()


def test_commands_give_the_figures_as_json_where_they_are_asked_for(
    call: Call, store: RunStore, create: Create
) -> None:
    run = create()
    launch(store, run)
    said: list[dict[str, object]] = []

    def newest() -> bool:
        said[:] = [one for one in map(json.loads, call("runs", "--json")[1].splitlines()) if one["machine"]]
        return bool(said)

    until(newest, "measured")
    (machine,) = (one["machine"] for one in said)
    assert isinstance(machine, dict)
    assert (machine["kind"], machine["run"]) == ("machine", run.id)
    assert machine["cores"] > 0


def test_a_reader_of_the_record_sees_the_record_and_the_figures_only_if_it_wants_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sample, state = Machine(time=1.0, run="r", seconds=2.0, cores=1.0), RunState("r")
    JsonReporter().update(sample, state)
    assert capsys.readouterr().out == ""
    JsonReporter(machine=True).update(sample, state)
    assert json.loads(capsys.readouterr().out)["kind"] == "machine"


@pytest.mark.parametrize("wanted", [(), ("--machine",)])
def test_both_commands_hand_on_whether_they_are_wanted(
    call: Call, finished: RunDirectory, small_corpus: Path, monkeypatch: pytest.MonkeyPatch, wanted: tuple[str, ...]
) -> None:
    asked: list[bool] = []

    def ask(*_: object, machine: bool, **__: object) -> int:
        asked.append(machine)
        return 0

    monkeypatch.setattr(training, "train_runs", ask)
    monkeypatch.setattr(follow_run, "follow_run", ask)
    assert call("train", "rnn", "--corpus", str(small_corpus), "--device", "cpu", "--json", *wanted)[0] == 0
    assert call("follow", finished.id, "--json", *wanted)[0] == 0
    assert asked == [bool(wanted)] * 2


def test_figures_stand_only_in_json(call: Call, finished: RunDirectory) -> None:
    assert "add --json" in refused(call("follow", finished.id, "--machine"))
    assert "add --json" in refused(call("train", "rnn", "--machine"))
    assert "--detach" in refused(call("train", "rnn", "--machine", "--json", "--detach"))


def test_an_older_client_skips_what_it_does_not_know() -> None:
    from namestui.engine.link.updates import decode

    line = events.encode(Machine(time=1.0, run="r", seconds=2.0, cores=1.0))
    assert decode(line.replace(b'"machine"', b'"something_newer"')) is None


# The doctor


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A doctor that does not load torch."""
    monkeypatch.setattr(checks, "_torch", lambda: (True, "torch"))
    return home


def line_of_machine(call: Call) -> str:
    (line,) = (line for line in call("doctor")[1].splitlines() if " machine: " in line)
    return line


def test_the_doctor_says_what_is_missing_for_gpus(call: Call, quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del quick
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(gpus, "_has_library", lambda: True)
    assert line_of_machine(call).endswith("GPU figures need a package: pip install 'namestui[gpu]'")
    monkeypatch.setattr(gpus, "_has_library", lambda: False)
    assert line_of_machine(call).endswith("no NVIDIA GPU")
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())  # type: ignore[arg-type]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert line_of_machine(call).endswith("2 NVIDIA GPUs, measured")


def test_the_doctor_says_where_a_container_gives_less(call: Call, quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del quick
    monkeypatch.setattr(psutil, "cpu_count", lambda: 640)
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: SimpleNamespace(total=2_000_000_000_000, available=1_000_000_000_000)
    )
    assert "the machine has 640 and 2000 GB" in line_of_machine(call)
