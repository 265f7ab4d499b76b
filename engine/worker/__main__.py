"""The process that trains one run: ``python -m namestui.engine.worker RUN-ID``, normally started by ``launch``.

Its main thread trains and carries out commands at batch boundaries, its second thread serves the clients, a third one
measures the machine. Nothing heavy is imported at the top, so that clients can connect while torch is still loading.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType
from typing import NamedTuple

from namestui.engine.link.launch import command, environment
from namestui.engine.recording.hook import Hook
from namestui.engine.recording.recorder import Recorder, ReplacedError, StoppedWaitingError
from namestui.engine.recording.requests import Request
from namestui.engine.recording.sampler import Sampler
from namestui.engine.recording.server import Server
from namestui.engine.recording.worker_log import note
from namestui.engine.worker.last_answers import carrying_out, dismiss
from namestui.engine.worker.record import Record
from namestui.engine.worker.waiting import Wait, is_turn, wait_until
from namestui.runs import commands
from namestui.runs.eventlog import NewerLogError
from namestui.runs.events import LIVE_STATES
from namestui.runs.history import History
from namestui.runs.initial_weights import copy_weights, has_finished, needs_weights
from namestui.runs.sockets import socket_path
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore, effective_state
from namestui.runs.text import inert

_NOT_WRITTEN = (OSError, StoppedWaitingError, ReplacedError, RuntimeError)
"""What writing raises; a RuntimeError comes from another rank that has died while the disk was full."""


def main(arguments: list[str] | None = None) -> int:
    """Train, or serve what is trained; the exit status is 1 where the run failed."""
    parser = argparse.ArgumentParser(prog="namestui.engine.worker", description=__doc__)
    parser.add_argument("run", help="a run's id below $NAMESTUI_HOME/runs")
    parser.add_argument("--lock", type=int, help="an inherited descriptor that holds the run's lock")
    parser.add_argument("--device", default="", help="train here instead of where the config says")
    parser.add_argument("--serve", action="store_true", help="answer questions about a run that has ended")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="wait until fewer than N of --after are unfinished"
    )
    parser.add_argument("--nproc", type=int, default=1, help="processes to train with once nothing is waited for")
    parser.add_argument("--after", nargs="+", default=[], metavar="RUN", help="runs that were started before this one")
    options = parser.parse_args(arguments)
    os.umask(0o077)
    store = RunStore()
    try:
        run = store.get(options.run)
        if _together() and int(os.environ["RANK"]) > 0:
            from namestui.engine.training.follower import follow_first_rank

            return follow_first_rank(run, options.device)
        config = run.config()
        earlier = [store.get(run_id) for run_id in options.after]
        source = store.get(config.init_from) if needs_weights(run, config) and not options.serve else None
        lock = options.lock if options.lock is not None else RunLock(run).descriptor
        history = History.read(run, refuse_newer=True)
    except RunError as error:
        print(f"namestui: {error}", file=sys.stderr)
        return 1
    except NewerLogError as error:
        print(f"namestui: run {inert(run.id)}: {inert(str(error))}", file=sys.stderr)
        return 1
    waits = Waits(earlier, options.jobs, source, options.nproc)
    status = Worker(run, history, waits, serve=options.serve, device=options.device).work()
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


class Worker:
    """What this process has of its run; what it does with it is in `work`."""

    def __init__(self, run: RunDirectory, history: History, waits: Waits, *, serve: bool, device: str) -> None:
        self._run = run
        self._history = history
        self._waits = waits
        self._serve = serve
        self._device = device
        self._server = Server(
            socket_path(run.path), run.id, history.next_seq, effective_state(history.state, locked=not serve)
        )
        self._recorder = Recorder(run, self._server, history, may_write=False)
        self._hook = Hook(run, history, self._recorder.alerts_of_threads.put)
        self._recorder.after_logging = self._hook.after
        self._record = Record(run, self._recorder, history, serves=serve)
        self._sampler = Sampler(run.path, self._recorder.publish)

    def work(self) -> int | None:
        """The exit status; None where several processes are to train now, and this one has waited or served until
        then."""
        _stop_on_signals(self._server)
        self._server.start()  # first, so that clients hear of it if the disk is full
        try:
            status = self._wait_and_train()
            if status is not None:
                dismiss(self._server.requests)
            return status
        except RunError as error:  # the run whose weights were waited for is gone, or has not finished
            self._write_failure(str(error))
        except (StoppedWaitingError, ReplacedError) as error:  # nothing can be written, and nothing is lost
            note(f"namestui: run {inert(self._run.id)}: {inert(str(error))}")
            dismiss(self._server.requests)
        except Exception as error:
            # The last resort of this process: whatever went wrong goes to the record, the clients and worker.log.
            note(error)
            self._fail(f"{type(error).__name__}: {error}".partition("\n")[0][:500])
        finally:
            self._end_hook()
            self._recorder.close()
            self._sampler.stop()
            self._server.stop()
        return 1

    def _end_hook(self) -> None:
        """Give the hook its time, and say so where it has failed."""
        self._hook.wait()
        try:
            self._recorder.log_alerts_of_threads()
        except _NOT_WRITTEN as error:  # it stands in worker.log
            note(
                f"namestui: run {inert(self._run.id)}: what the hook came to could not be recorded: {inert(str(error))}"
            )

    def _wait_and_train(self) -> int | None:
        self._record.write_worker()
        if self._waits.nproc == 1 and not self._serve:  # else the launcher's rank 0 will do it, or nobody
            self._record.begin_writing()
            self._record.announce_start()
        if (stop := _wait(self._run, self._waits, self._recorder, self._server)) is not None:
            with carrying_out(stop):
                self._record.begin_writing()
                self._record.change("stopped")
            stop.accept()
            return 0
        if self._waits.nproc > 1:
            return None
        self._sampler.start()  # not before: of a hundred runs that wait none needs to measure
        from namestui.engine.worker.crew import Crew, Together  # torch: seconds
        from namestui.engine.worker.session import TrainingSession

        crew = Together(lambda: self._server.requests.put_own(commands.Stop())) if _together() else Crew()
        session = TrainingSession(
            self._run, self._recorder, self._server, self._history, self._device, crew, self._record.begin_writing
        )
        if not self._serve:
            session.train()
        elif session.serve():
            return None
        return session.exit_status

    def _fail(self, reason: str) -> None:
        if self._history.state in LIVE_STATES and self._recorder.may_write:
            self._write_failure(reason)  # else what it was before stays true: nothing was trained here

    def _write_failure(self, reason: str) -> None:
        try:
            self._record.begin_writing()
            self._record.change("failed", reason)
        except _NOT_WRITTEN as error:  # the log may be what failed
            note(f"namestui: run {inert(self._run.id)}: its failure could not be recorded: {inert(str(error))}")


def _wait(run: RunDirectory, waits: Waits, recorder: Recorder, server: Server) -> Request | None:
    """Wait for the run's turn and for the weights that it starts from; the order to stop that came instead.

    Raises:
        RunError: there will be no such weights.
    """
    earlier, jobs, source, _ = waits
    turn = Wait(lambda: is_turn(earlier, jobs), "waits for its turn", "turn")
    if (stop := wait_until(turn, run.id, recorder, server)) is not None or source is None:
        return stop
    why = f"waits for run {source.id} to finish, to start from its weights"
    if (stop := wait_until(Wait(lambda: has_finished(source), why, "weights"), run.id, recorder, server)) is not None:
        return stop
    recorder.keep_trying(run.initial_weights, lambda: copy_weights(source, run))
    return None


def _stop_on_signals(server: Server) -> None:
    """SIGTERM and SIGINT stop at the next batch boundary with a checkpoint; a hang-up means nothing here."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.requests.put_own(commands.Stop())

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
