"""What others must not get at: files of a run, names that lead out of the folder of runs, another user's client."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from pathlib import Path

from bench.fault_files import interrupted
from bench.fault_lab import Lab, check, wait_until
from bench.fault_watcher import Watcher
from namestui.engine.recording.server import Server
from namestui.runs import commands
from namestui.runs.config import encode_config
from namestui.runs.find import find_run
from namestui.runs.notes import Notes, write_notes
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunError

NOBODY = 65534


class CannotBecomeAnotherError(Exception):
    """Only root can become another user."""


def files_of_a_whole_life(lab: Lab) -> None:
    """Killed, stopped, damaged, resumed, finished, named: files are 0600 and directories 0700 at every stage."""
    before = os.umask(lab.draw.choice([0o000, 0o022, 0o002]))
    try:
        run = interrupted(lab)
        _check_modes(lab.store.home)
        with run.events_file.open("ab") as file:
            file.write(b"torn")
        pid = lab.start(run)
        with Watcher(lab.store, run) as watcher:
            watcher.wait_until_connected()
            _check_modes(lab.store.home)
            watcher.send(commands.Stop())
            watcher.wait_until_gone()
        lab.zygote.wait(pid)
        _check_modes(lab.store.home)
        lab.finish(run)
        write_notes(run, Notes(name="one"))
        lab.store.write_session(ScreenSession(runs=[run.id]))
        _check_modes(lab.store.home)
    finally:
        os.umask(before)


def names_that_lead_elsewhere(lab: Lab) -> None:
    """A path for an id, a link among the runs, a session that names one: none leads out of the folder."""
    inside = lab.create()
    outside = lab.store.home / "outside"
    outside.mkdir(mode=0o700, exist_ok=True)
    (outside / "config.json").write_bytes(encode_config(lab.config()))
    link = lab.store.runs / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(outside)
    try:
        wanted = [
            "../outside",
            "../../x",
            str(outside),
            "link",
            f"../runs/{inside.id}",
            f"{inside.id}/../../outside",
            "..",
        ]
        for name in wanted:
            try:
                found = find_run(lab.store, name)
            except RunError as error:
                check("\n" not in str(error), f"refused with: {error}")
            else:
                check(False, f"{name!r} led to {found.path}")
        lab.store.write_session(ScreenSession(runs=wanted))
        check(lab.store.read_session().runs == [], "the session leads elsewhere")
        check([run.id for run in lab.store.all()] == [inside.id], "the list shows what is elsewhere")
        status = lab.zygote.wait(lab.zygote.fork(home=str(lab.store.home), arguments=["../outside"]))
        check(status == 1, f"a worker of a run elsewhere ended with status {status}")
        names = {path.name for path in outside.iterdir()}
        check(names <= {"config.json", "worker.log"}, f"a worker has written {names} elsewhere")
    finally:
        link.unlink()


def another_user(lab: Lab) -> None:
    """A process of another user that can reach the socket, which takes a mistake already, receives nothing."""
    if os.getuid() != 0:
        raise CannotBecomeAnotherError("becoming another user takes root")
    with tempfile.TemporaryDirectory(prefix="open-") as folder:
        path = Path(folder) / "socket"
        Path(folder).chmod(0o711)
        server = Server(path, lab.create().id, 0, "running")
        server.start()
        try:
            wait_until(path.is_socket, "a socket")
            wait_until(lambda: stat.S_IMODE(path.stat().st_mode) == 0o600, "a private socket")
            path.chmod(0o666)
            check(_received(path, 0).startswith(b'{"kind":"greeting"'), "the owner receives nothing")
            check(_received(path, NOBODY) == b"", "another user receives something")
            check(not server.requests.holds(commands.Stop), "another user's command was taken")
        finally:
            server.stop()


def _received(path: Path, user: int) -> bytes:
    """What a process of ``user`` receives that connects and sends a command."""
    code = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1])\n"
        "try:\n"
        '    s.sendall(b\'{"kind":"stop","request":"1"}\\n\') if sys.argv[2] != \'0\' else None\n'
        "    print(s.recv(65536).decode(), end='')\n"
        "except (BrokenPipeError, ConnectionResetError):\n"
        "    pass\n"
    )
    command = ["/usr/bin/env", "-i", "python3", "-I", "-c", code, str(path), str(user)]
    return subprocess.run(command, user=user, capture_output=True, check=True, cwd="/").stdout


def _check_modes(home: Path) -> None:
    for path in [home, *home.rglob("*")]:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:  # a live worker replaces and removes files meanwhile
            continue
        expected = 0o700 if stat.S_ISDIR(mode) else 0o600
        check(stat.S_IMODE(mode) == expected, f"{path.name} has mode {stat.S_IMODE(mode):o}")
