"""Checkpoints: whole or refused in one line, and nothing in a file can run."""

from __future__ import annotations

import os
import pickle
import random
import re
import shutil
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from namestui.engine.training.checkpoint import Restored, restore_newest, save_checkpoint
from namestui.runs.config import RunConfig, encode_config
from namestui.runs.events import FORMAT
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore

CPU = torch.device("cpu")
CORPUS = "fingerprint"


class Bomb:
    """Unpickled freely, it leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.mark,)


@pytest.fixture
def run(home: Path) -> RunDirectory:
    return RunStore(home).create(make_config("rnn"))


def state_of(epoch: int) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(epoch)
    return {"epoch": epoch, "model": {"weight": torch.randn(40, generator=generator)}, "best_accuracy": 0.1 + 0.2}


def equal(one: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    return (
        one is not None
        and one["epoch"] == other["epoch"]
        and one["best_accuracy"] == other["best_accuracy"]
        and torch.equal(one["model"]["weight"], other["model"]["weight"])
    )


def save(run: RunDirectory, *epochs: int) -> None:
    for epoch in epochs:
        save_checkpoint(run, run.config(), CORPUS, state_of(epoch))


def load(run: RunDirectory) -> tuple[dict[str, Any] | None, list[str]]:
    states: list[dict[str, Any]] = []
    found = restore_newest(run, run.config(), CORPUS, CPU, states.append)
    assert found.made_as == ""
    return (states[0] if found.found else None), found.refused


def test_one_that_does_not_fit_is_refused_and_the_one_before_used(run: RunDirectory) -> None:
    save_checkpoint(run, run.config(), CORPUS, state_of(1))
    save_checkpoint(run, run.config(), CORPUS, {"epoch": 2})
    restored: list[float] = []
    found = restore_newest(run, run.config(), CORPUS, CPU, lambda state: restored.append(state["best_accuracy"]))
    assert restored == [0.1 + 0.2]
    assert found == Restored(True, ["last.pt: does not fit this run's network ('best_accuracy')"], "")


def assert_falls_back(run: RunDirectory, *words: str) -> None:
    """The newest checkpoint is refused in one line that holds ``words``, and the one before is used."""
    state, refused = load(run)
    assert equal(state, state_of(1))
    assert len(refused) == 1
    assert refused[0].startswith("last.pt: ")
    assert "\n" not in refused[0]
    assert all(word in refused[0] for word in words)


def test_none_yet(run: RunDirectory) -> None:
    assert load(run) == (None, [])


def test_round_trip_and_previous(run: RunDirectory) -> None:
    save(run, 1)
    assert not run.previous_checkpoint.exists()
    save(run, 2, 3)
    state, refused = load(run)
    assert equal(state, state_of(3))
    assert refused == []
    run.last_checkpoint.unlink()  # a kill between the two renames
    state, refused = load(run)
    assert equal(state, state_of(2))
    assert refused == []


def test_files_are_private(run: RunDirectory) -> None:
    save(run, 1, 2)
    assert {path.stat().st_mode & 0o777 for path in (run.last_checkpoint, run.previous_checkpoint)} == {0o600}


def test_truncated_anywhere(run: RunDirectory) -> None:
    save(run, 1, 2)
    whole = run.last_checkpoint.read_bytes()
    for size in {0, 1, 2, 30, *range(3, len(whole), 97), len(whole) - 1}:
        run.last_checkpoint.write_bytes(whole[:size])
        assert_falls_back(run)


def test_one_bit_flipped_anywhere(run: RunDirectory) -> None:
    # GIVEN one bit flipped, in a sample of all places, more in the zip's directory at the end, and in each record's
    # mark that it is a directory, of which torch would read nothing and leave the tensor's memory as it was
    save(run, 1, 2)
    whole = run.last_checkpoint.read_bytes()
    draw = random.Random(0)
    directory = 8 * whole.index(b"PK\x01\x02")
    flips = [8 * byte + draw.randrange(8) for byte in range(0, len(whole), 4)]
    flips += range(directory, 8 * len(whole), 7)
    records = [match.start() for match in re.finditer(b"PK\x01\x02", whole)]
    flips += [8 * (start + 38) + 4 for start in records]
    flips += [8 * (start + 10) + 3 for start in records]  # stored becomes deflated
    used = 0
    for bit in flips:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        run.last_checkpoint.write_bytes(damaged)
        state, refused = load(run)
        # THEN it is refused in one line, or the bit was padding and every number is as it was saved
        if refused:
            assert equal(state, state_of(1))
            assert refused[0].isprintable()
        else:
            assert equal(state, state_of(2))
            used += 1
    assert 0 < used < len(flips) / 2


def test_both_damaged(run: RunDirectory) -> None:
    save(run, 1, 2)
    for path in (run.last_checkpoint, run.previous_checkpoint):
        path.write_bytes(b"not a checkpoint")
    state, refused = load(run)
    assert state is None
    assert [line.partition(":")[0] for line in refused] == ["last.pt", "previous.pt"]


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_plain_pickle_is_never_unpickled(run: RunDirectory, tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "mark"
    save(run, 1, 2)
    run.last_checkpoint.write_bytes(pickle.dumps({"trainer": Bomb(mark)}, protocol))
    assert_falls_back(run)
    assert not mark.exists()


@pytest.mark.parametrize("new_zip", [True, False])
def test_code_in_a_file_of_torchs_own_form_is_never_run(run: RunDirectory, tmp_path: Path, new_zip: bool) -> None:
    mark = tmp_path / "mark"
    save(run, 1, 2)
    content = {"format": FORMAT, "run": run.id, "fingerprint": CORPUS, "trainer": {"model": Bomb(mark)}}
    torch.save(content, run.last_checkpoint, _use_new_zipfile_serialization=new_zip)
    assert_falls_back(run)
    assert not mark.exists()
    torch.load(run.last_checkpoint, weights_only=False)  # the bomb is a real one
    assert mark.exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"run": "another"}, "another run"),
        ({"format": FORMAT + 1}, "newer"),
        ({"format": "new"}, "not a checkpoint"),
        ({"fingerprint": "other"}, "corpus"),
        ({"trainer": None}, "not a checkpoint"),
        ({"trainer": [1, 2]}, "not a checkpoint"),
    ],
)
def test_foreign_checkpoints(run: RunDirectory, changes: dict[str, Any], word: str) -> None:
    save(run, 1, 2)
    content = {"format": FORMAT, "run": run.id, "fingerprint": CORPUS, "trainer": state_of(2), **changes}
    torch.save(content, run.last_checkpoint)
    assert_falls_back(run, word)


def test_a_file_of_torch_that_holds_no_checkpoint(run: RunDirectory) -> None:
    save(run, 1, 2)
    torch.save(torch.zeros(3), run.last_checkpoint)
    assert_falls_back(run, "not a checkpoint")


def test_a_failed_save_leaves_both_files(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    save(run, 1, 2)

    def full(_content: object, file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", full)
        with pytest.raises(OSError):
            save(run, 3)
    assert equal(load(run)[0], state_of(2))
    assert sorted(path.name for path in run.path.iterdir()) == ["config.json", "last.pt", "previous.pt"]


# What is larger than its file


def repacked(path: Path, **changes: Any) -> None:
    """The same zip with other records: ``grown`` bytes of zeros in one, ``compressed`` or not, or one that is there
    ``twice``."""
    with zipfile.ZipFile(path) as archive:
        records = {record.filename: archive.read(record) for record in archive.infolist()}
    first = next(name for name in records if "/data/" in name)
    if "grown" in changes:
        records[first] = bytes(changes["grown"])
    kind = zipfile.ZIP_DEFLATED if changes.get("compressed") else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in records.items():
            archive.writestr(name, content, kind)
        for record in archive.infolist():
            record.external_attr = 0
    if changes.get("twice"):  # the directory says that another record lies where this one does
        data = bytearray(path.read_bytes())
        at = data.index(b"PK\x01\x02")
        entry = data[at : data.index(b"PK\x01\x02", at + 4)]
        end = data.index(b"PK\x05\x06")
        data[end:end] = entry * 40
        end += len(entry) * 40
        count = struct.unpack("<H", data[end + 8 : end + 10])[0] + 40
        data[end + 8 : end + 12] = struct.pack("<HH", count, count)
        size = struct.unpack("<I", data[end + 12 : end + 16])[0] + len(entry) * 40
        data[end + 12 : end + 16] = struct.pack("<I", size)
        path.write_bytes(data)


@pytest.mark.parametrize("changes", [{"compressed": True}, {"compressed": True, "grown": 1 << 28}, {"twice": True}])
def test_a_checkpoint_takes_no_more_memory_than_its_file_has_bytes(run: RunDirectory, changes: dict[str, Any]) -> None:
    save(run, 1, 2)
    repacked(run.last_checkpoint)
    assert load(run)[1] == []  # as it was, a zip made here is as good as torch's
    repacked(run.last_checkpoint, **changes)
    tracemalloc.start()
    assert_falls_back(run, "damaged at")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


# A directory that was renamed, or copied


def elsewhere(run: RunDirectory, **changes: Any) -> RunDirectory:
    """A copy of ``run`` under another name, its config changed."""
    other = RunDirectory(run.path.with_name("renamed"))
    shutil.copytree(run.path, other.path)
    config: RunConfig = msgspec.structs.replace(run.config(), **changes)
    other.config_file.write_bytes(encode_config(config))
    return other


def test_a_renamed_run_resumes_from_its_checkpoints(run: RunDirectory) -> None:
    save(run, 1, 2)
    states: list[dict[str, Any]] = []
    other = elsewhere(run, device="cuda", nproc=2)  # where it trains is no part of what it computes
    found = restore_newest(other, other.config(), CORPUS, CPU, states.append)
    assert found == Restored(True, [], run.id)
    assert equal(states[0], state_of(2))
    # AND from then on they are its own
    save_checkpoint(other, other.config(), CORPUS, state_of(3))
    assert restore_newest(other, other.config(), CORPUS, CPU, states.append) == Restored(True, [], "")


@pytest.mark.parametrize("changes", [{"seed": 1}, {"learning_rate": 0.5}, {"model": "lstm"}])
def test_checkpoints_of_another_training_are_refused(run: RunDirectory, changes: dict[str, Any]) -> None:
    save(run, 1)
    other = elsewhere(run, **changes)
    found = restore_newest(other, other.config(), CORPUS, CPU, lambda _state: None)
    assert found == Restored(False, ["last.pt: belongs to another run, with other settings than this one's"], "")


@pytest.mark.parametrize("settings", [None, 7, "", "{}", "\udcff"])
def test_a_checkpoint_of_another_run_that_does_not_say_what_it_trained(run: RunDirectory, settings: Any) -> None:
    save(run, 1, 2)
    content = {"format": FORMAT, "run": "other", "config": settings, "fingerprint": CORPUS, "trainer": state_of(2)}
    if settings is None:  # as all were before
        del content["config"]
    torch.save(content, run.last_checkpoint)
    assert_falls_back(run)
