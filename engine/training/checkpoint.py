"""``last.pt`` and ``previous.pt``: written whole or not at all, never unpickled freely."""

from __future__ import annotations

import io
import lzma
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch

from namestui.data.safe_files import open_to_read, replacing
from namestui.runs.config import ConfigError, RunConfig, decode_config, encode_config
from namestui.runs.events import FORMAT
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, pickle.UnpicklingError, OverflowError),
    *(RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, MemoryError),
)
"""What reading a damaged or foreign file raises."""
_DOES_NOT_FIT = (KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError)
"""What a whole checkpoint raises that holds something else than this run's trainer."""


class CheckpointError(Exception):
    """A checkpoint that cannot be used; its text is one line that says why."""


class Restored(NamedTuple):
    """Whether a checkpoint was used, why newer ones were refused, and as which other run it was made: that of a
    directory which was renamed since, or copied (empty: as this one)."""

    found: bool
    refused: list[str]
    made_as: str


def save_checkpoint(run: RunDirectory, config: RunConfig, fingerprint: str, state: dict[str, Any]) -> None:
    """Write ``last.pt`` with the trainer's ``state``; what it was becomes ``previous.pt``.

    Raises:
        OSError: the disk is full or gone; both files are as they were.
    """
    content = {
        **{"format": FORMAT, "run": run.id, "config": encode_config(config).decode(), "fingerprint": fingerprint},
        "trainer": state,
    }
    whole = io.BytesIO()  # torch would report a full disk as an error of its own, in the middle of a file
    torch.save(content, whole)
    with replacing(run.last_checkpoint, keep=run.previous_checkpoint) as file:
        file.write(whole.getbuffer())


def restore_newest(
    run: RunDirectory,
    config: RunConfig,
    fingerprint: str,
    device: torch.device,
    restore: Callable[[dict[str, Any]], None],
) -> Restored:
    """``restore`` the trainer state of the newest checkpoint that is sound and fits; one that does not fit may have
    been restored in part."""
    refused: list[str] = []
    for path in (run.last_checkpoint, run.previous_checkpoint):
        try:
            content = _read(path, device)
            made_as = _check_origin(content, run.id, config, fingerprint)
            restore(content["trainer"])
        except FileNotFoundError:
            continue
        except CheckpointError as error:
            refused.append(f"{path.name}: {error}")
        except _DOES_NOT_FIT as error:
            first = inert(str(error).partition("\n")[0] or type(error).__name__)
            refused.append(f"{path.name}: does not fit this run's network ({first[:120]})")
        else:
            return Restored(True, refused, made_as)
    return Restored(False, refused, "")


def _read(path: Path, device: torch.device) -> dict[str, Any]:
    """The content of a checkpoint of any run. Memory is taken for no more than the file's own size."""
    try:
        with open_to_read(path) as file:
            with zipfile.ZipFile(file) as archive:  # torch's format; each record has a CRC, which torch does not check
                damaged = _damaged_record(archive, os.fstat(file.fileno()).st_size)
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
    return content


def _damaged_record(archive: zipfile.ZipFile, size: int) -> str | None:
    """The name of a record that is not as torch writes it, of an archive of ``size`` bytes."""
    for record in archive.infolist():
        # One that is marked as a directory (one flipped bit) is not read at all: torch leaves its memory unset. One
        # that is compressed may become of any size: torch compresses none. Records that overlap may as well.
        size -= record.file_size
        if record.external_attr or record.compress_type != zipfile.ZIP_STORED or size < 0:
            return record.filename
    return archive.testzip()


def _check_origin(content: dict[str, Any], run_id: str, config: RunConfig, fingerprint: str) -> str:
    """The id of the other run that the checkpoint was made as, or nothing.

    The same settings and corpus give the same training to the bit, so it is this run's too, wherever it was made.

    Raises:
        CheckpointError: it is another training.
    """
    if content.get("fingerprint") != fingerprint:
        raise CheckpointError("was made with another corpus; has a file of the corpus changed?")
    made_as = content.get("run")
    if made_as == run_id:
        return ""
    settings = content.get("config")
    if not isinstance(made_as, str) or not isinstance(settings, str):
        raise CheckpointError("belongs to another run")
    try:
        theirs = decode_config(settings.encode())
    except (ConfigError, UnicodeEncodeError):
        raise CheckpointError("not a checkpoint of namestui") from None
    # By how many and where it trains is no part of what it computes.
    if msgspec.structs.replace(theirs, device=config.device, nproc=config.nproc) != config:
        raise CheckpointError("belongs to another run, with other settings than this one's")
    return made_as
