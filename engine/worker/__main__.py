"""The process that trains one run: ``python -m namestui.engine.worker RUN-ID``, normally started by ``launch``.

Its main thread trains and carries out commands at batch boundaries; its second thread serves the clients. Nothing
heavy is imported at the top, so that clients can connect while torch is still loading.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
import traceback
from types import FrameType
from typing import NamedTuple

import msgspec

from namestui.data.safe_files import UnsafeFileError
from namestui.engine.link.launch import command, environment
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Server
from namestui.engine.worker.waiting import is_turn, wait_until
from namestui.runs import commands
from namestui.runs.eventlog import Damage, NewerLogError, heal
from namestui.runs.events import LIVE_STATES, Alert, StateChanged
from namestui.runs.files import remove_leftovers
from namestui.runs.history import History
from namestui.runs.process import start_time
from namestui.runs.sockets import socket_path
from namestui.runs.store import (
    RunDirectory,
    RunError,
    RunLock,
    RunStore,
    WorkerInfo,
    boot_id,
    effective_state,
    host_name,
)
from namestui.runs.text import inert
from namestui.runs.transfer import copy_weights, has_finished, needs_weights


def main(arguments: list[str] | None = None) -> int:
    """Train, or serve what is trained; the exit status is 1 where the run failed."""
    parser = argparse.ArgumentParser(prog="namestui.engine.worker", description=__doc__)
    parser.add_argument("run", help="a run's id below $NAMESTUI_HOME/runs")
    parser.add_argument("--lock", type=int, help="an inherited descriptor that holds the run's lock")
    parser.add_argument("--device", default="", help="train here instead of where the config says")
    parser.add_argument("--serve", action="store_true", help="answer questions about a run that has ended")
    parser.add_argument("--jobs", type=int, default=1, help="wait until fewer than so many of --after have yet to end")
    parser.add_argument("--nproc", type=int, default=1, help="processes to train with once nothing is waited for")
    parser.add_argument("--after", nargs="+", default=[], metavar="RUN", help="runs that were started before this one")
    options = parser.parse_args(arguments)
    os.umask(0o077)
    store = RunStore()
    try:
        run = store.get(options.run)
        if _together() and int(os.environ["RANK"]) > 0:
            from namestui.engine.training.follower import follow

            return follow(run, options.device)
        config = run.config()
        earlier = [store.get(run_id) for run_id in options.after]
        source = store.get(config.init_from) if needs_weights(run, config) and not options.serve else None
        lock = options.lock if options.lock is not None else RunLock(run).descriptor
        history = History(run)
    except RunError as error:
        print(f"namestui: {error}", file=sys.stderr)
        return 1
    except (NewerLogError, UnsafeFileError) as error:
        print(f"namestui: run {inert(run.id)}: {inert(str(error))}", file=sys.stderr)
        return 1
    waits = Waits(earlier, options.jobs, source, options.nproc)
    status = _work(run, history, waits, serve=options.serve, device=options.device)
    if status is None:  # the launcher takes this process's place, and its hold on the run
        nproc = options.nproc if options.nproc > 1 else config.nproc
        line = [*command(run, lock, nproc), *(["--device", options.device] if options.device else [])]
        os.set_inheritable(lock, True)
        os.execve(line[0], line, environment(store, nproc))
    return status


class Waits(NamedTuple):
    """What comes before training: fewer than ``jobs`` of ``earlier`` yet to end, the end of ``source``, whose weights
    are wanted, and then the launcher, where ``nproc`` processes are to train."""

    earlier: list[RunDirectory]
    jobs: int
    source: RunDirectory | None
    nproc: int


def _together() -> bool:
    """Whether torch's launcher has started this process as one of several that train together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def _work(run: RunDirectory, history: History, waits: Waits, *, serve: bool, device: str) -> int | None:
    """The exit status; None where several processes are to train now, and this one has waited or served until then."""
    path = socket_path(run.path)
    server = Server(path, run.id, history.next_seq, effective_state(history.state, locked=not serve))
    recorder = Recorder(run, server, history.next_seq, may_write=False)
    info = WorkerInfo(
        host=host_name(),
        boot_id=boot_id(),
        pid=os.getpid(),
        started=time.time(),
        socket=str(path),
        start_time=start_time(os.getpid()),
        serves=serve,
    )

    def begin_writing() -> None:
        if recorder.may_write:
            return
        if serve:
            recorder.when_there_is_room(lambda: run.write_worker(msgspec.structs.replace(info, serves=False)))
        _heal(run, recorder)
        _tell_of_interruption(recorder, history)

    _stop_on_signals(server)
    server.start()  # first, so that it can be told if the disk is full
    try:
        recorder.when_there_is_room(lambda: run.write_worker(info))
        if waits.nproc == 1 and not serve:  # else the launcher's rank 0 will do it, or nobody
            begin_writing()
            _announce_start(recorder, history)
        if not _wait(run, waits, recorder, server):
            begin_writing()
            recorder.log(StateChanged, state="stopped", epoch=history.epoch, batch=history.batch)
            return 0
        if waits.nproc > 1:
            return None
        from namestui.engine.worker.session import Session  # torch: seconds

        ranks = None
        if _together():
            from namestui.engine.training.ranks import Ranks

            ranks = Ranks()
        session = Session(run, recorder, server, history, device, ranks, begin_writing)
        if serve:
            return None if session.serve() else session.exit_status
        session.train()
        return session.exit_status
    except RunError as error:  # the run whose weights were waited for is gone, or has not finished
        begin_writing()
        recorder.log(StateChanged, state="failed", reason=str(error), epoch=history.epoch, batch=history.batch)
        return 1
    except Exception as error:
        # The last resort of this process: whatever went wrong is told to the record, the clients and worker.log.
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:500]
        if history.state not in LIVE_STATES or not recorder.may_write:
            return 1  # what it was before stays true: nothing was trained here
        with contextlib.suppress(OSError):  # the log may be what failed; worker.log has the traceback
            recorder.log(StateChanged, state="failed", reason=reason, epoch=history.epoch, batch=history.batch)
        return 1
    finally:
        recorder.close()
        server.stop()


def _wait(run: RunDirectory, waits: Waits, recorder: Recorder, server: Server) -> bool:
    """Wait for the run's turn and for the weights that it starts from; False where it was told to stop.

    Raises:
        RunError: there will be no such weights.
    """
    earlier, jobs, source, _ = waits
    if not wait_until(lambda: is_turn(earlier, jobs), "waits for its turn", run.id, recorder, server):
        return False
    if source is None:
        return True
    why = f"waits for {source.id}, from whose weights it starts"
    if not wait_until(lambda: has_finished(source), why, run.id, recorder, server):
        return False
    recorder.when_there_is_room(lambda: copy_weights(source, run))
    return True


def _heal(run: RunDirectory, recorder: Recorder) -> None:
    """Make the record one that can be written on, and say what had to be set aside for that."""
    files = (run.last_checkpoint, run.best_weights, run.initial_weights, run.worker_file, run.confusion_file)
    for path in (*files, run.events_file):
        remove_leftovers(path)
    damages: list[Damage] = []
    recorder.when_there_is_room(lambda: damages.append(heal(run.events_file)))
    recorder.may_write = True
    middle, end = damages[-1]
    kept = "of the log were set aside in events.damaged"
    if middle:
        lost = "epochs that the log lacks are trained again"
        recorder.log(Alert, message=f"{middle} unreadable bytes in the middle {kept}; {lost}")
    if end:
        recorder.log(Alert, message=f"{end} unreadable bytes at the end {kept}; a crash left them")


def _tell_of_interruption(recorder: Recorder, history: History) -> None:
    """Log what became of the worker before this one."""
    if history.next_seq and history.state in LIVE_STATES:
        history.state = "interrupted"
        recorder.log(
            StateChanged, state="interrupted", reason="the worker vanished", epoch=history.epoch, batch=history.batch
        )


def _announce_start(recorder: Recorder, history: History) -> None:
    """Log that a new worker starts; the first event of a new run is run_started."""
    if history.next_seq:
        history.state = "starting"
        recorder.log(StateChanged, state="starting", epoch=history.epoch, batch=history.batch)


def _stop_on_signals(server: Server) -> None:
    """SIGTERM and SIGINT stop at the next batch boundary with a checkpoint; a hang-up means nothing here."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.request(commands.Stop(request="signal"))

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
