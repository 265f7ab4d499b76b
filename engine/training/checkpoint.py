"""``last.pt``, ``previous.pt`` and ``best.safetensors``: written whole or not at all, never unpickled freely."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import pickle
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from namestui.data.safe_files import open_to_read
from namestui.engine.nets import models
from namestui.runs.config import ConfigError, RunConfig, decode_config, encode_config
from namestui.runs.events import FORMAT
from namestui.runs.files import replace_bytes, replacing
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, pickle.UnpicklingError),
    *(RuntimeError, EOFError, OSError, ValueError, KeyError),
)
"""What reading a damaged or foreign file raises."""
_DOES_NOT_FIT = (KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError)
"""What a whole checkpoint raises that holds something else than this run's trainer."""


class CheckpointError(Exception):
    """A checkpoint that cannot be used; its text is one line that says why."""


def save_checkpoint(run: RunDirectory, state: dict[str, Any], fingerprint: str) -> None:
    """Write ``last.pt``; what it was becomes ``previous.pt``.

    Raises:
        OSError: the disk is full or gone; both files are as they were.
    """
    content = {"format": FORMAT, "run": run.id, "fingerprint": fingerprint, "trainer": state}
    whole = io.BytesIO()  # torch would tell a full disk as an error of its own, in the middle of a file
    torch.save(content, whole)
    with replacing(run.last_checkpoint, keep=run.previous_checkpoint) as file:
        file.write(whole.getbuffer())


def restore_newest(
    run: RunDirectory, fingerprint: str, device: torch.device, restore: Callable[[dict[str, Any]], None]
) -> tuple[bool, list[str]]:
    """``restore`` the trainer state of the newest checkpoint that is sound and fits.

    Whether there was one, and why newer ones were refused; one that does not fit may have been restored in part.
    """
    refused: list[str] = []
    for path in (run.last_checkpoint, run.previous_checkpoint):
        try:
            restore(_read(path, run.id, fingerprint, device))
        except FileNotFoundError:
            continue
        except CheckpointError as error:
            refused.append(f"{path.name}: {error}")
        except _DOES_NOT_FIT as error:
            first = inert(str(error).partition("\n")[0] or type(error).__name__)
            refused.append(f"{path.name}: does not fit this run's network ({first[:120]})")
        else:
            return True, refused
    return False, refused


def _read(path: Path, run_id: str, fingerprint: str, device: torch.device) -> dict[str, Any]:
    try:
        with open_to_read(path) as file:
            with zipfile.ZipFile(file) as archive:  # torch's format; each record has a CRC, which torch does not check
                # A record marked as a directory (one flipped bit) is not read at all: torch leaves its memory unset.
                marked = [record.filename for record in archive.infolist() if record.external_attr]
                damaged = archive.testzip() or next(iter(marked), None)
            if damaged is not None:
                raise CheckpointError(f"damaged at {inert(damaged)}")
            file.seek(0)
            content = torch.load(file, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise
    except _DAMAGED as error:
        first = inert(str(error).partition("\n")[0] or type(error).__name__)
        raise CheckpointError(f"not a whole checkpoint ({first[:120]})") from None
    if not isinstance(content, dict) or not isinstance(content.get("trainer"), dict):
        raise CheckpointError("not a checkpoint of namestui")
    version = content.get("format")
    if not isinstance(version, int):
        raise CheckpointError("not a checkpoint of namestui")
    if version > FORMAT:
        raise CheckpointError(f"format {version} is newer than this namestui reads ({FORMAT})")
    if content.get("run") != run_id:
        raise CheckpointError("belongs to another run")
    if content.get("fingerprint") != fingerprint:
        raise CheckpointError("was made with another corpus; has a file of the corpus changed?")
    trainer: dict[str, Any] = content["trainer"]
    return trainer


def save_best(
    run: RunDirectory, weights: dict[str, Tensor], config: RunConfig, classes: tuple[str, ...], alphabet: str
) -> None:
    """Write ``best.safetensors`` with what is needed to use it elsewhere.

    Raises:
        OSError: the disk is full or gone; the file is as it was.
    """
    tensors = {name: weight.cpu().contiguous() for name, weight in weights.items()}
    metadata = {
        "format": "pt",
        "sha256": _digest(tensors),
        "classes": json.dumps(classes),
        "alphabet": alphabet,
        "config": encode_config(config).decode(),
    }
    replace_bytes(run.best_weights, safetensors.torch.save(tensors, metadata))


def _digest(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of the weights, which safetensors itself does not check."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + b"\0" + tensors[name].numpy().tobytes())
    return digest.hexdigest()


def load_best(run: RunDirectory) -> tuple[nn.Module, list[str]]:
    """The network with its best validated weights, on the CPU, and its classes; no corpus is needed.

    Raises:
        CheckpointError: the file is missing, damaged, or of a newer format.
    """
    try:
        kept = _read_weights(run.best_weights)
    except FileNotFoundError:
        raise CheckpointError("no epoch has been kept yet: there are no weights to ask") from None
    return kept.model, kept.classes


def load_initial(run: RunDirectory, config: RunConfig, classes: Sequence[str]) -> dict[str, Tensor]:
    """The weights that ``run`` starts from; without those of its head where it has other classes, or another corpus.

    Raises:
        FileNotFoundError: they have not been copied yet.
        CheckpointError: the file is damaged, of a newer format, or of another network.
    """
    kept = _read_weights(run.initial_weights)
    if (kept.config.model, kept.config.hidden_size) != (config.model, config.hidden_size):
        raise CheckpointError(f"{run.initial_weights.name}: of another network than this run's")
    same_head = kept.classes == list(classes) and kept.config.corpus == config.corpus
    return {name: w for name, w in kept.model.state_dict().items() if same_head or not name.startswith("i2o")}


class _Kept(NamedTuple):
    model: nn.Module
    classes: list[str]
    config: RunConfig


def _read_weights(path: Path) -> _Kept:
    try:
        # The library takes a path alone, and maps the file into memory: the path is that of the opened descriptor.
        with open_to_read(path) as file, safetensors.safe_open(f"/dev/fd/{file.fileno()}", framework="pt") as kept:
            metadata = kept.metadata() or {}
            weights = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118 - not a dict
        if _digest(weights) != metadata["sha256"]:
            raise CheckpointError(f"{path.name}: damaged: its weights are not those that were written")
        classes = msgspec.json.decode(metadata["classes"], type=list[str])
        config = decode_config(metadata["config"].encode())
        model = models.build(config.model, len(metadata["alphabet"]), config.hidden_size, len(classes))
        model.load_state_dict(weights)
    except FileNotFoundError:
        raise
    except (
        OSError,
        safetensors.SafetensorError,
        KeyError,
        RuntimeError,
        TypeError,
        msgspec.DecodeError,
        ConfigError,
    ) as error:
        raise CheckpointError(f"{path.name}: {str(error).partition(chr(10))[0][:200]}") from None
    return _Kept(model, classes, config)
