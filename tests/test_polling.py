"""What a list of runs says of workers: what they wait for, and that one does not answer."""

from __future__ import annotations

import json
import os
import signal

from namestui.engine.link.launch import launch
from namestui.engine.link.polling import poll
from namestui.runs.store import RunStore
from tests.command_line import invoke
from tests.watching import Create, epochs_of, pid_of, until


def test_a_process_that_does_not_answer_is_named(store: RunStore, create: Create) -> None:
    # GIVEN two runs that train, and the process of one is stopped
    stopped, other = create(), create()
    for run in (stopped, other):
        launch(store, run)
        until(lambda run=run: epochs_of(run), "an epoch")
    assert {said.held_up for said in poll([stopped, other]).values()} == {""}
    pid = pid_of(stopped)
    os.kill(pid, signal.SIGSTOP)
    try:
        # THEN the list says so of that one, for people and for programs
        held_up = {one["run"]: one["held_up"] for one in map(json.loads, invoke("runs", "--json").stdout.splitlines())}
        assert held_up == {stopped.id: f"process {pid} does not answer", other.id: ""}
        assert f"process {pid} does not answer" in invoke("runs").stdout
    finally:
        os.kill(pid, signal.SIGCONT)
    assert poll([stopped])[stopped.id].held_up == ""


def test_what_a_run_waits_for_is_said(store: RunStore, create: Create) -> None:
    first, second = create(), create()
    launch(store, first)
    launch(store, second, after=[first], jobs=1)
    until(lambda: "waits" in poll([second])[second.id].held_up, "waiting")
    assert "waits" in invoke("runs").stdout
