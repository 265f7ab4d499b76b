"""Several wills: two resumes at once, a run of another host, a wall clock that jumps."""

from __future__ import annotations

import socket

import msgspec

from bench.fault_files import interrupted
from bench.fault_lab import Lab, check, read_whole, record, wait_until
from bench.fault_watcher import Watcher
from namestui.engine.link.asking import NoAnswerError
from namestui.runs import commands
from namestui.runs.events import EpochFinished, Greeting, StateChanged, encode
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunError, RunLock, host_name
from namestui.runs.summary import summaries, summarise
from namestui.tui.cli import control


def two_resumes_at_once(lab: Lab) -> None:
    """Of two or three workers that start at the same moment one trains; the others name the run and who holds it."""
    run = lab.create(100_000, "rnn")
    if lab.draw.random() < 0.5:
        lab.zygote.wait(lab.start(run, fault="half_a_matrix", at=5))
    before = len(record(run))
    pids = [lab.start(run) for _ in range(lab.draw.randint(2, 3))]
    lab.wait_for_log(run, lambda event: isinstance(event, EpochFinished) and event.seq > before + 5, "one trains")
    wait_until(lambda: run.log_file.read_text().count("holds it already") == len(pids) - 1, "the others are refused")
    info = run.worker()
    check(info is not None and info.pid in pids and run.is_locked(), "no worker has the run")
    check(all(run.id in line for line in run.log_tail(2) if "holds it" in line), f"they say: {run.log_tail(2)}")
    lab.kill(run)
    check(sorted(lab.zygote.wait(pid) for pid in pids) == [-9, *[1] * (len(pids) - 1)], "wrong exit status")
    starts = sum(isinstance(event, StateChanged) and event.state == "running" for event in record(run)[before:])
    epochs = [event.epoch for event in record(run) if isinstance(event, EpochFinished)]
    check(starts == 1 and read_whole(run) and epochs == list(range(1, len(epochs) + 1)), "the log is not of one worker")


def another_host(lab: Lab) -> None:
    """A run that was another host's is shown as its log says, refused by name, and taken over where that is wished."""
    run = interrupted(lab)
    _move(run, "far-away")
    row = summarise(run)
    check((row.host, row.state) == ("far-away", "running"), f"the list says {row.state} on {row.host}")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_connected()  # in place of the worker that cannot be reached: the history is there
        check(watcher.logged() == record(run), "the history is not whole")
        refused = watcher.ask(commands.Predict(name="Abban"))
        check(isinstance(refused, NoAnswerError) and "far-away" in str(refused), f"the answer: {refused}")
        try:
            control.resume_run(lab.store, run)
        except RunError as error:
            check("belongs to host far-away" in str(error) and "--take-over" in str(error), f"refused with: {error}")
        else:
            check(False, "the run was taken from its host")
        check(read_whole(run) and not run.is_locked(), "the refused resume has changed something")
        said = control.resume_run(lab.store, run, take_over=True)
        check("has resumed" in said, f"taking it over says: {said}")
        watcher.wait_for_state("finished")
        check(watcher.logged() == record(run), "the client did not receive what followed")
    info = run.worker()
    check(info is not None and info.host == host_name(), "worker.json still names the other host")
    lab.kill(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def newer_worker(lab: Lab) -> None:
    """A worker of a newer namestui greets in a format that is not known here: said in one line, commands refused."""
    run = interrupted(lab)
    lock, listener = RunLock(run), socket.socket(socket.AF_UNIX)
    path = socket_path(run.path)
    path.unlink(missing_ok=True)
    with address(path) as name:
        listener.bind(name)
    listener.listen()
    greeting = Greeting(time=0.0, run=run.id, format=99, next_seq=lab.draw.randrange(1000), state="running")
    try:
        with Watcher(lab.store, run) as watcher:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(encode(greeting) + b'{"kind":"from_the_future"}\n')
                gone = watcher.wait_until_gone()
            check("upgrade namestui" in gone.reason and "99" in gone.reason, f"the client says: {gone.reason}")
            refused = watcher.ask(commands.Pause())
            check(isinstance(refused, NoAnswerError) and "upgrade namestui" in str(refused), f"the answer: {refused}")
            check(watcher.logged() == record(run), "the history is not whole")
    finally:
        listener.close()
        lock.release()


def clock_set_back(lab: Lab) -> None:
    """Events lie in the future or run backwards, and the clock jumps while training: nothing depends on it."""
    run = interrupted(lab)
    shift, lines = lab.draw.choice([-3e8, 3e8]), []
    for line in run.events_file.read_bytes().splitlines():
        event = msgspec.json.decode(line)
        event["time"] = event["time"] + shift - event["seq"] * lab.draw.uniform(0, 1000)
        lines.append(msgspec.json.encode(event) + b"\n")
    run.events_file.write_bytes(b"".join(lines))
    check(all(row.age >= 0 for row in summaries(lab.store)), "an age is negative")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        pid = lab.start(run, fault="mad_clock", at=lab.draw.randrange(1 << 30))
        watcher.wait_for_state("finished")
        check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
        watcher.wait_until_gone()
        check(watcher.logged() == record(run), "the client did not receive everything")
    check(all(row.age >= 0 for row in summaries(lab.store)), "an age is negative")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def _move(run: RunDirectory, host: str) -> None:
    """Make it seem that another host's worker has the run."""
    info = run.worker()
    if info is None:
        raise TypeError("no worker.json")
    run.write_worker(msgspec.structs.replace(info, host=host))
