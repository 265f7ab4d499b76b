"""Checkpoints: whole or refused in one line, and nothing in a file can run."""

from __future__ import annotations

import os
import pickle
import random
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from namestui.engine.nets import models
from namestui.engine.training.checkpoint import CheckpointError, load_best, restore_newest, save_best, save_checkpoint
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
        save_checkpoint(run, state_of(epoch), CORPUS)


def load(run: RunDirectory) -> tuple[dict[str, Any] | None, list[str]]:
    states: list[dict[str, Any]] = []
    restored, refused = restore_newest(run, CORPUS, CPU, states.append)
    return (states[0] if restored else None), refused


def test_one_that_does_not_fit_is_refused_and_the_one_before_used(run: RunDirectory) -> None:
    save_checkpoint(run, state_of(1), CORPUS)
    save_checkpoint(run, {"epoch": 2}, CORPUS)
    restored: list[float] = []
    found, refused = restore_newest(run, CORPUS, CPU, lambda state: restored.append(state["best_accuracy"]))
    assert (found, restored) == (True, [0.1 + 0.2])
    assert refused == ["last.pt: does not fit this run's network ('best_accuracy')"]


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


# The best weights


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_best_weights_round_trip(run: RunDirectory, name: str) -> None:
    torch.manual_seed(1)
    model = models.build(name, 57, 128, 3)
    save_best(run, model.state_dict(), make_config(name), ("A", "Ł", "c'c"), "x" * 57)
    assert run.best_weights.stat().st_mode & 0o777 == 0o600
    loaded, classes = load_best(run)
    assert classes == ["A", "Ł", "c'c"]
    assert loaded.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(loaded.state_dict()[key], weight) for key, weight in model.state_dict().items())
    letters = torch.randint(57, (2, 5))
    assert torch.equal(loaded(letters), model(letters))


def test_no_best_weights_yet(run: RunDirectory) -> None:
    with pytest.raises(CheckpointError, match="no epoch has been kept yet"):
        load_best(run)


def test_damaged_best_weights(run: RunDirectory, tmp_path: Path) -> None:
    model = models.build("rnn", 57, 128, 3)
    save_best(run, model.state_dict(), make_config("rnn"), ("a", "b", "c"), "x" * 57)
    whole = run.best_weights.read_bytes()
    header = int.from_bytes(whole[:8], "little") + 8
    mark = tmp_path / "mark"
    flips = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(0, header, 5)]
    for data in (b"", b"{}", whole[:5], whole[: header - 1], whole[:-1], pickle.dumps(Bomb(mark)), *flips):
        run.best_weights.write_bytes(data)
        try:
            load_best(run)
        except CheckpointError as error:
            assert "\n" not in str(error)
    assert not mark.exists()
    run.best_weights.write_bytes(whole[:-1])
    with pytest.raises(CheckpointError, match=r"best\.safetensors"):
        load_best(run)


def test_best_weights_with_a_flipped_bit_are_refused(run: RunDirectory) -> None:
    save_best(run, models.build("rnn", 57, 8, 3).state_dict(), make_config("rnn"), ("A", "B", "C"), "x" * 57)
    data = bytearray(run.best_weights.read_bytes())
    data[-5] ^= 1
    run.best_weights.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        load_best(run)
