"""Files of a run are torn, damaged, foreign, stale, gone or newer; it continues from what is sound, and says so."""

from __future__ import annotations

import io
import os
import shutil
import socket
from collections.abc import Callable

import msgspec
import torch

from bench.fault_lab import EPOCHS, Lab, alerts, check, read_whole, record
from bench.fault_watcher import Watcher
from namestui.runs import events
from namestui.runs.config import encode_config
from namestui.runs.events import CheckpointSaved
from namestui.runs.sockets import address
from namestui.runs.store import RunDirectory
from namestui.runs.summary import current_state, summarise


def torn_or_garbage_line(lab: Lab) -> None:
    """The log ends in half a line, zeros, random bytes, or a line that is out of order: cut, and reported."""
    run = interrupted(lab)
    whole, draw = run.events_file.read_bytes(), lab.draw
    last = whole.splitlines(keepends=True)[-1]
    rubbish = draw.choice(
        [
            last[: draw.randrange(1, len(last))],
            bytes(draw.randrange(1, 5000)),
            draw.randbytes(draw.randrange(1, 500)).replace(b"\n", b"") + b"\n",
            last,
            b"\n",
            b"null\n" + last,
            last[: draw.randrange(1, len(last))] + last,
        ]
    )
    run.events_file.write_bytes(whole + rubbish)
    check(current_state(run) == "interrupted", f"the run is {current_state(run)}")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        lab.finish(run)
        watcher.wait_for_state("finished")
        check(watcher.logged() == record(run), "a client that read the damaged log did not receive the rest")
    check(any(f"{len(rubbish)} unreadable bytes" in message for message in alerts(run)), "the log does not say so")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def one_bad_checkpoint(lab: Lab) -> None:
    """``last.pt`` is truncated, empty, zeroed, another run's, none, or lacks a piece: refused, the one before used."""
    run = interrupted(lab, saves=2)
    damage(lab, run, "last.pt")
    lab.finish(run)
    refused = [message for message in alerts(run) if message.startswith("refused last.pt: ")]
    check(len(refused) == 1 and "\n" not in refused[0], f"alerts: {alerts(run)}")
    check(not any("from its beginning" in message for message in alerts(run)), "it trained again from its beginning")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def all_checkpoints_bad(lab: Lab) -> None:
    """Both are damaged or gone: the run trains again from the start, and says so; it ends the same."""
    run = interrupted(lab, saves=2)
    if lab.draw.random() < 0.25:
        for path in (run.last_checkpoint, run.previous_checkpoint):
            path.unlink()
    else:
        damage(lab, run, "last.pt")
        damage(lab, run, "previous.pt")
    lab.finish(run)
    check(any("trains again from the start" in message for message in alerts(run)), f"alerts: {alerts(run)}")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def bad_best_weights(lab: Lab) -> None:
    """``best.safetensors`` is damaged or gone: the checkpoint has its own copy, the file is written again."""
    run = interrupted(lab)
    damage(lab, run, "best.safetensors")
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def stale_files_of_a_dead_worker(lab: Lab) -> None:
    """A dead socket, a lock file nobody holds, a ``worker.json`` with the pid of a live stranger, or garbage in it."""
    run = interrupted(lab)
    info = run.worker()
    check(info is not None, "no worker.json")
    if info is not None:
        run.write_worker(msgspec.structs.replace(info, pid=os.getpid()))
    if lab.draw.random() < 0.3:
        run.worker_file.write_bytes(lab.draw.choice([b"", b"{}", b"\xff", lab.draw.randbytes(40)]))
    path = run.path / "socket"
    path.unlink(missing_ok=True)
    stale = socket.socket(socket.AF_UNIX)
    with address(path) as name:
        stale.bind(name)
    stale.close()
    check(run.lock_file.exists(), "no lock file")
    check(summarise(run).state == "interrupted", f"the run is {summarise(run).state}")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        pid = lab.start(run)
        watcher.wait_for_state("finished")
    check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def socket_taken_away(lab: Lab) -> None:
    """The socket is removed while training, or another file put in its place: it comes back, clients can connect."""
    run = lab.create(100_000, "rnn")
    lab.start(run)
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_connected()
        path = run.path / "socket"
        path.unlink()
        if lab.draw.random() < 0.5:
            path.write_text("not a socket")
        with Watcher(lab.store, run) as late:
            late.wait_until_connected()
            epochs = sum(isinstance(event, events.EpochFinished) for event in record(run))
            for one in (watcher, late):
                one.wait_for(
                    lambda update: isinstance(update, events.EpochFinished) and update.epoch > epochs + 3,
                    "both keep receiving",
                )
            check(path.is_socket(), "no socket")
    lab.kill(run)


def newer_format(lab: Lab) -> None:
    """Config, log or one event of a newer namestui: refused in one line, and nothing of it is cut or changed."""
    run = interrupted(lab)
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    way = lab.draw.choice(["config", "log", "unreadable log", "event"])
    if way == "config":
        config = msgspec.json.decode(run.config_file.read_bytes())
        run.config_file.write_bytes(msgspec.json.encode({**config, "format": 99, "new": 1}))
    elif way == "event":
        new = {"kind": "from_the_future", "time": 1.0, "run": run.id, "seq": len(lines), "what": [1]}
        run.events_file.write_bytes(b"".join(lines) + msgspec.json.encode(new) + b"\n")
    else:
        first = msgspec.json.decode(lines[0])
        first["format"] = 99
        if way == "unreadable log":
            del first["alphabet"]
        run.events_file.write_bytes(msgspec.json.encode(first) + b"\n" + b"".join(lines[1:]))
    before = run.events_file.read_bytes()
    status = lab.zygote.wait(lab.start(run))
    said = run.log_tail()[-1]
    check(status == 1 and "upgrade namestui" in said and run.id in said, f"{way}: status {status}, worker.log: {said}")
    check("Traceback" not in run.log_file.read_text(), f"{way}: a traceback")
    check(run.events_file.read_bytes() == before, f"{way}: the log has changed")
    if way == "log":
        with Watcher(lab.store, run) as watcher:
            gone = watcher.wait_until_gone()
            check("upgrade namestui" in gone.reason, f"the client says: {gone.reason}")
    check(bool(summarise(run).error) == (way == "config"), "the list does not say so")


def older_format(lab: Lab) -> None:
    """Format 1 as it was first written, without the fields that came later: read and trained on."""
    run = interrupted(lab)
    lines = run.events_file.read_bytes().splitlines()
    decoded = [msgspec.json.decode(line) for line in lines]
    for event in decoded:
        for later in ("epochs", "best_accuracy"):
            if event["kind"] == "checkpoint_saved":
                event.pop(later)
        for later in _optional(events.RunStarted):
            if event["kind"] == "run_started":
                event.pop(later, None)
    run.events_file.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in decoded))
    check(len(record(run)) == len(lines), "an old log is not read whole")
    config = run.config()
    plain = {name: value for name, value in msgspec.to_builtins(config).items() if name not in ("format", "precision")}
    run.config_file.write_bytes(msgspec.json.encode({**plain, "format": 1}))
    check(encode_config(run.config()) == encode_config(config), "an old config is not read")
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def interrupted(lab: Lab, saves: int = 1, how: str = "half_a_matrix", save_after: float = 0.0) -> RunDirectory:
    """A run that was killed in the middle, after some checkpoints."""
    run = lab.create(2 * EPOCHS)
    pid = lab.start(run, fault=how, at=lab.draw.randint(EPOCHS, 2 * EPOCHS - 1), save_after=save_after)
    check(lab.zygote.wait(pid) < 0, "the worker was not killed")
    check(sum(isinstance(event, CheckpointSaved) for event in record(run)) >= saves, "too few checkpoints")
    check(read_whole(run) and current_state(run) == "interrupted", f"the run is {current_state(run)}")
    return run


def damage(lab: Lab, run: RunDirectory, name: str) -> None:
    """Make a file of the run unusable, in a random way."""
    path, draw = run.path / name, lab.draw
    whole = path.read_bytes()

    def flip() -> bytes:
        data = bytearray(whole)
        at = draw.randrange(len(data))
        data[at] ^= 1 << draw.randrange(8)
        return bytes(data)

    def foreign() -> bytes:
        other = interrupted(lab)
        data = (other.path / name).read_bytes()
        shutil.rmtree(other.path)
        return data

    ways: list[Callable[[], bytes]] = [
        lambda: whole[: draw.randrange(1, len(whole))],
        lambda: b"",
        lambda: draw.randbytes(len(whole)),
        lambda: bytes(len(whole)),
        lambda: whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2),
        foreign,
    ]

    def unfitting() -> bytes:
        content = torch.load(path, weights_only=True)
        trainer = content["trainer"]
        del trainer[draw.choice(sorted(trainer.keys() - {"average"}))]
        file = io.BytesIO()
        torch.save(content, file)
        return file.getvalue()

    ways.append(flip if name.startswith("best") else unfitting)
    path.write_bytes(draw.choice(ways)())


def flipped_bit(lab: Lab) -> None:
    """One random bit of ``last.pt`` is flipped: refused or harmless, the run ends the same."""
    run = interrupted(lab, saves=2)
    data = bytearray(run.last_checkpoint.read_bytes())
    data[lab.draw.randrange(len(data))] ^= 1 << lab.draw.randrange(8)
    run.last_checkpoint.write_bytes(bytes(data))
    lab.finish(run)
    check(all(message.startswith("refused last.pt: ") for message in alerts(run)), f"alerts: {alerts(run)}")
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def _optional(kind: type[events.Event]) -> list[str]:
    always = {"time", "run", "seq"}  # have defaults for the recorder's sake only
    found = [field.name for field in msgspec.structs.fields(kind) if field.default is not msgspec.NODEFAULT]
    return [name for name in found if name not in always]
