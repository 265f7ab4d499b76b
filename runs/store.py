"""Where runs live: one directory a run below ``$NAMESTUI_HOME/runs``, its files, its lock, and what its state is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import platformdirs

from namestui.data.safe_files import open_file, open_to_read, read_bytes
from namestui.runs import config as configs
from namestui.runs.config import ConfigError, RunConfig
from namestui.runs.confusion import ConfusionFile
from namestui.runs.created import created, stamped
from namestui.runs.decoding import MAX_CONFIG, MAX_SMALL, UnreadableError, file_reason, read_json, system_reason
from namestui.runs.events import LIVE_STATES, State
from namestui.runs.files import replace_bytes
from namestui.runs.run_ids import name_problem
from namestui.runs.screen_session import ScreenSession
from namestui.runs.text import inert

_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another


class RunError(Exception):
    """A run that cannot be found, read or used; its text is one line for the user."""


class WorkerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """``worker.json``: the process that trains, or trained last; ``serves`` where it only answers questions.

    ``start_time`` is the kernel's, in ticks since the boot; 0 where that is not known.
    """

    host: str
    boot_id: str
    pid: int
    started: float
    socket: str
    start_time: int = 0
    serves: bool = False


class _FileOfRun:
    """A file in a run's directory; its path is put together when it is asked for: thousands of runs are listed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, run: RunDirectory, _: type[RunDirectory]) -> Path:
        return run.path / self._name


class RunDirectory:
    """The files of one run. Nothing is read or written until asked for."""

    config_file = _FileOfRun("config.json")
    events_file = _FileOfRun("events.jsonl")
    confusion_file = _FileOfRun("confusion.bin")
    last_checkpoint = _FileOfRun("last.pt")
    previous_checkpoint = _FileOfRun("previous.pt")
    best_weights = _FileOfRun("best.safetensors")
    initial_weights = _FileOfRun("initial.safetensors")
    worker_file = _FileOfRun("worker.json")
    log_file = _FileOfRun("worker.log")
    lock_file = _FileOfRun("lock")
    notes_file = _FileOfRun("notes.json")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @property
    def corpus_cache(self) -> Path:
        """Where encoded corpora of all runs are kept."""
        return self.path.parent.parent / "cache"

    def config(self) -> RunConfig:
        """What the run is to do.

        Raises:
            RunError: the config is missing, unreadable, or of a newer format; or the directory has no name for a run.
        """
        if problem := name_problem(self.id):
            raise RunError(f"run {inert(self.id)}: {problem}")
        try:
            return configs.decode_config(read_bytes(self.config_file, MAX_CONFIG))
        except OSError as error:
            raise RunError(f"run {inert(self.id)}: {file_reason(error, self.config_file)}") from None
        except ConfigError as error:
            raise RunError(f"run {inert(self.id)}: config.json: {inert(str(error))}") from None

    def worker(self) -> WorkerInfo | None:
        """The process that trains or trained last; None where none has started, or the file says nothing of it."""
        try:
            return self.read_worker()
        except UnreadableError:
            return None

    def read_worker(self) -> WorkerInfo | None:
        """The process that trains or trained last; None where none has started.

        Raises:
            UnreadableError: there is a ``worker.json`` that cannot be read.
        """
        try:
            return read_json(self.worker_file, WorkerInfo, MAX_SMALL)
        except FileNotFoundError:
            return None

    def write_worker(self, info: WorkerInfo) -> None:
        """Say which process trains now."""
        replace_bytes(self.worker_file, msgspec.json.encode(info))

    def confusion(self, classes: int) -> ConfusionFile:
        """The confusion matrices of this run."""
        return ConfusionFile(self.confusion_file, classes)

    def is_locked(self) -> bool:
        """Whether a worker of this host holds the run; where no lock can be taken none does, and none will start."""
        try:
            return self.try_lock()
        except UnreadableError:  # another run's lock, by a link, does not hold this one
            return False

    def try_lock(self) -> bool:
        """Whether a worker of this host holds the run.

        Raises:
            UnreadableError: this is not known: its lock is no regular file, or its disk has no locks.
        """
        try:
            fd = open_file(self.lock_file)  # to read: the disk may be read-only
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UnreadableError(file_reason(error, self.lock_file)) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            raise UnreadableError(_no_lock(error, self.lock_file)) from None
        finally:
            os.close(fd)
        return False

    def log_tail(self, lines: int = 5) -> list[str]:
        """The last non-empty lines of ``worker.log``, inert."""
        try:
            with open_to_read(self.log_file) as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - max(8192, 160 * lines)))
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            return [file_reason(error, self.log_file)]
        found: list[str] = [inert(line) for line in text.splitlines() if line.strip()]
        return found[-lines:]


class RunLock:
    """The exclusive hold on one run; the system frees it when the last process that has ``descriptor`` ends."""

    def __init__(self, run: RunDirectory, *, patience: float = 0.5) -> None:
        """Take the lock, waiting up to ``patience`` seconds: a screen may hold it for a moment while it checks.

        Raises:
            RunError: another worker holds the run, its pid and host are named; or its lock cannot be taken.
        """
        try:
            self.descriptor = open_file(run.lock_file, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise RunError(f"run {inert(run.id)}: {file_reason(error, run.lock_file)}") from None
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(self.descriptor)
                    raise RunError(f"run {run.id}: {_holder(run)} holds it already") from None
                time.sleep(0.02)
            except OSError as error:
                os.close(self.descriptor)
                raise RunError(f"run {inert(run.id)}: {_no_lock(error, run.lock_file)}") from None

    def release(self) -> None:
        """Close this process's descriptor; a worker that inherited the lock keeps the run."""
        os.close(self.descriptor)


class RunStore:
    """All runs below one home directory."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home if home is not None else default_home()
        self.runs = self.home / "runs"
        own = Path(os.path.realpath(self.home))  # the home itself may be a link: that is the user's choice
        self.session_file = own / "session.json"
        self.logout_file = own / "told-of-logout"
        self.summaries_file = own / "summaries.cache"
        self.corpus_cache = self.home / "cache"

    def create(self, config: RunConfig) -> RunDirectory:
        """A new run with its ``config.json`` on disk; directories 0700.

        Raises:
            RunError: the home directory cannot be written.
        """
        run: RunDirectory | None = None
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.runs.mkdir(mode=0o700, exist_ok=True)
            while run is None:
                candidate = RunDirectory(self.runs / new_run_id(config.model))
                with contextlib.suppress(FileExistsError):
                    candidate.path.mkdir(mode=0o700)
                    run = candidate
            replace_bytes(run.config_file, stamped(configs.encode_config(config), datetime.now(UTC)))
        except OSError as error:
            if run is not None:
                self.discard([run])
            raise RunError(
                f"cannot write below {inert(str(self.home))}: {system_reason(error)}; "
                "set NAMESTUI_HOME to another folder"
            ) from None
        return run

    def discard(self, runs: Iterable[RunDirectory]) -> None:
        """Remove those of ``runs`` that no worker has ever held: they never started, and hold nothing."""
        for run in runs:
            if not (run.worker_file.exists() or run.events_file.exists() or run.is_locked()):
                shutil.rmtree(run.path, ignore_errors=True)

    def get(self, run_id: str) -> RunDirectory:
        """The run with exactly this id; it need not exist.

        Raises:
            RunError: no id, but a path that leads elsewhere.
        """
        if run_id in ("", ".", "..") or run_id != Path(run_id).name:
            raise RunError(f"{inert(run_id)!r} is not a run's id")
        return RunDirectory(self.runs / run_id)

    def all(self) -> list[RunDirectory]:
        """All runs, oldest first by what their records say; those of one moment by their ids.

        Raises:
            RunError: the home directory is none, or cannot be read.
        """
        names = sorted(self.ids(), key=lambda name: (created(self.runs / name), name))
        return [RunDirectory(self.runs / name) for name in names]

    def ids(self) -> list[str]:
        """The ids of all runs, in no order.

        Raises:
            RunError: the home directory is none, or cannot be read.
        """
        try:
            with os.scandir(self.runs) as entries:
                return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(
                f"cannot read the runs below {inert(str(self.home))}: {error.strerror}; "
                "set NAMESTUI_HOME to another folder"
            ) from None

    def read_session(self) -> ScreenSession:
        """What the screen remembered when it was left last; of its runs those that still exist.

        Where the runs cannot be listed, all of them: nobody can say that one is gone.
        """
        try:
            session = read_json(self.session_file, ScreenSession, MAX_SMALL)
        except (OSError, UnreadableError):
            return ScreenSession()
        try:
            known = set(self.ids())
        except RunError:
            return session
        return msgspec.structs.replace(
            session,
            runs=[run_id for run_id in session.runs if run_id in known],
            seen_alerts={run_id: count for run_id, count in session.seen_alerts.items() if run_id in known},
        )

    def write_session(self, session: ScreenSession) -> None:
        """Remember it.

        Raises:
            OSError: the home directory cannot be written.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_bytes(self.session_file, msgspec.json.encode(session))


def default_home() -> Path:
    """``$NAMESTUI_HOME``, else the user data directory.

    Raises:
        RunError: it is relative to a current folder that is gone.
    """
    home = os.environ.get("NAMESTUI_HOME")
    if not home:
        return platformdirs.user_data_path("namestui", appauthor=False)
    try:
        return Path(home).expanduser().absolute()
    except FileNotFoundError:
        raise RunError(f"NAMESTUI_HOME {inert(home)}: the current folder is gone; cd to one that is there") from None
    except RuntimeError:
        raise RunError(f"NAMESTUI_HOME {inert(home)}: there is no such user") from None


def new_run_id(model: str) -> str:
    """Such as ``20261123-214207-lstm-k3f9``, in UTC: sortable, unique in practice, safe as a file name."""
    tail = "".join(secrets.choice(_ID_LETTERS) for _ in range(4))
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{model}-{tail}"


def effective_state(logged: State, *, locked: bool, elsewhere: bool = False) -> State:
    """What a run is, given what its log says last, whether a worker holds it, and whether that was another host's.

    A lock of another host cannot be seen from here, so its log is taken at its word.
    """
    return "interrupted" if logged in LIVE_STATES and not locked and not elsewhere else logged


def boot_id() -> str:
    """The kernel's id of this boot; empty where there is none (macOS)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def host_name() -> str:
    """This machine's name."""
    return socket.gethostname()


def _no_lock(error: OSError, path: Path) -> str:
    """What it means that ``flock`` has failed: some shared homes have no locks (ENOLCK, ENOSYS)."""
    return (
        f"the disk of {inert(str(path))} cannot lock files ({system_reason(error)}), so that two workers could train "
        "one run; set NAMESTUI_HOME to a folder on a local disk"
    )


def _holder(run: RunDirectory) -> str:
    info = run.worker()
    return f"process {info.pid} on {inert(info.host)}" if info else "another process"
