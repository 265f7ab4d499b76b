"""What a run is to do: everything needed to repeat it, frozen and validated."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import msgspec

from namestui.data.alphabet import READINGS, Reading
from namestui.runs.decoding import UNDECODABLE
from namestui.runs.events import FORMAT
from namestui.runs.models import MODELS
from namestui.runs.suggest import suggest
from namestui.runs.text import inert

Split = Literal["grouped", "random"]
SPLITS: tuple[Split, ...] = get_args(Split)
Optimizer = Literal["adamw", "sgd"]
Precision = Literal["auto", "float32", "bfloat16"]
MAX_EPOCHS = 1_000_000
MAX_PROCESSES = 64
MAX_HIDDEN = 8192
"""Units of a hidden state: an LSTM of this many has 1.1 GB of weights, and four times that while it is trained."""
DEVICES = ("auto", "cpu", "cuda", "mps")


class ConfigError(ValueError):
    """A setting that cannot work; its text is one line for the user."""


class RunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One run. ``corpus`` is ``bundled`` or an absolute path.

    ``precision`` is that of products on a CPU (not of the report's RNN and the n-grams, which have too few): ``auto``
    takes bfloat16 where the processor has it.
    ``dropout`` is that of the last hidden state, ``letter_dropout`` the share of letters blanked while training,
    ``ema`` the decay a step of the averaged weights that are validated and kept (0: the weights themselves).
    ``learning_rate`` is the one-cycle peak of AdamW, the constant rate of SGD; ``clip_norm`` the largest gradient
    norm of a step (0: any): without it the powers of W_h in the report's RNN blow up.
    ``forget_bias`` is where the LSTM's forget gate starts. ``nproc`` processes share every batch.
    ``class_weight`` is the power p of the loss weights, proportional to (names of the class) to the -p (0: all equal).
    ``patience`` is how many epochs without a better validation accuracy end the run early (0: none do).
    ``reading`` is how names are brought to the alphabet (see ``data/alphabet.py``); configs from before it was recorded
    have none and mean ``legacy``.
    ``init_from`` is the run from whose best weights this one starts (empty: from random ones).
    """

    format: int = FORMAT
    model: str
    recipe: str = "default"
    corpus: str = "bundled"
    reading: Reading = "legacy"
    split: Split = "grouped"
    seed: int = 0
    split_seed: int = 0
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    clip_norm: float = 1.0
    optimizer: Optimizer = "adamw"
    forget_bias: float = 1.0
    dropout: float = 0.0
    letter_dropout: float = 0.0
    ema: float = 0.0
    class_weight: float = 0.0
    patience: int = 0
    init_from: str = ""
    hidden_size: int = 128
    device: str = "auto"
    precision: Precision = "auto"
    nproc: int = 1


def resolve_corpus(corpus: str) -> str:
    """``corpus`` as a config keeps it: ``bundled`` or an absolute path.

    Raises:
        ConfigError: it is empty, or cannot be made absolute.
    """
    if not corpus:
        raise ConfigError("the corpus is empty: name a folder, a .csv or a .tsv, or leave it out")
    if corpus == "bundled":
        return corpus
    try:
        return str(Path(corpus).expanduser().absolute())
    except RuntimeError:  # ~name of nobody
        raise ConfigError(f"corpus {corpus!r}: there is no such user") from None
    except FileNotFoundError:
        raise ConfigError(f"corpus {corpus!r}: the current folder is gone; give an absolute path") from None


def reading_of_names(config: RunConfig) -> Reading:
    """How names that a run is asked or scored on are read: as its corpus was.

    The bundled names were built by transliteration, whatever a run from before recorded of it.
    """
    if config.reading == "legacy" and config.corpus == "bundled" and config.recipe != "report":
        return "transliterated"
    return config.reading


def check(config: RunConfig) -> None:
    """Raise ConfigError, naming the setting and what would do, where a value cannot work."""
    if config.model not in MODELS:
        raise ConfigError(f"unknown model {inert(config.model)!r}: choose from {', '.join(MODELS)}")
    if config.split not in SPLITS:
        near = suggest(config.split, SPLITS)
        raise ConfigError(f"unknown split {config.split!r}: choose from {', '.join(SPLITS)}{near}")
    if config.device.partition(":")[0] not in DEVICES:
        raise ConfigError(f"unknown device {config.device!r}: choose from {', '.join(DEVICES)}, or cuda:1 and so on")
    if config.reading not in READINGS:
        raise ConfigError(f"unknown reading {config.reading!r}: choose from {', '.join(READINGS)}")
    if not config.corpus:
        raise ConfigError("corpus '' is empty")
    try:
        config.corpus.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"corpus {config.corpus!r}: the path is not UTF-8; rename the folder") from None
    if config.init_from in (".", "..") or Path(config.init_from).name != config.init_from:
        raise ConfigError(f"init_from {config.init_from!r} is not a run's id")
    for name, low, high in (
        ("epochs", 1, MAX_EPOCHS),
        ("batch_size", 1, 1_000_000),
        ("hidden_size", 1, MAX_HIDDEN),
        ("nproc", 1, MAX_PROCESSES),
        ("patience", 0, MAX_EPOCHS),
        ("seed", 0, 2**32 - 1),
        ("split_seed", 0, 2**32 - 1),
    ):
        value = getattr(config, name)
        if not low <= value <= high:
            raise ConfigError(f"{name} {value} is out of range: {low} to {high}")
    if not 0 < config.learning_rate <= 1000:
        raise ConfigError(f"learning_rate {config.learning_rate:g} is out of range: above 0, at most 1000")
    for name in ("dropout", "letter_dropout", "ema"):
        value = getattr(config, name)
        if not 0 <= value < 1:
            raise ConfigError(f"{name} {value:g} is out of range: 0 to below 1")
    for name, most in (("weight_decay", 1000), ("clip_norm", 1000), ("forget_bias", 1000), ("class_weight", 2)):
        value = getattr(config, name)
        if not 0 <= value <= most:
            raise ConfigError(f"{name} {value:g} is out of range: 0 to {most}")


def encode_config(config: RunConfig) -> bytes:
    """``config.json``: indented, for people to read."""
    return msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n"


def decode_config(data: bytes) -> RunConfig:
    """The config in ``config.json``.

    Raises:
        ConfigError: not a config, written by a newer version, or a value that cannot work.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).format
    except UNDECODABLE as error:
        raise ConfigError(f"not a run's config: {error}") from None
    if version > FORMAT:
        raise ConfigError(f"format {version} is newer than this namestui reads ({FORMAT}): upgrade namestui")
    try:
        config = msgspec.json.decode(data, type=RunConfig)
    except UNDECODABLE as error:
        raise ConfigError(f"not a run's config: {error}") from None
    check(config)
    return config


class _Version(msgspec.Struct):
    format: int
