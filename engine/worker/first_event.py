"""What ``run_started`` says of a run, measured from its trainer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import torch

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.data.facts import facts
from namestui.engine.training.trainer import Trainer
from namestui.runs.events import FORMAT, PartCounts, RunHead, RunStarted
from namestui.runs.models import MODELS


def first_event(trainer: Trainer, fingerprint: str) -> RunStarted:
    """The first event of the run that ``trainer`` trains."""
    config, corpus, parts = trainer.config, trainer.corpus, trainer.parts
    known = facts(corpus, parts)
    on_cuda = trainer.device.type == "cuda"
    return RunStarted(
        format=FORMAT,
        head=RunHead(kind="names", title=MODELS[config.model].title, epochs=config.epochs),
        config=msgspec.to_builtins(config),
        classes=list(corpus.labels),
        alphabet=ALPHABET,
        train=_count(corpus, parts.train),
        validation=_count(corpus, parts.validation),
        test=_count(corpus, parts.test),
        majority_baseline=known.majority,
        rows=known.rows,
        distinct_names=known.distinct,
        ambiguous_names=known.ambiguous,
        leak=known.leak,
        ceiling=known.ceiling,
        corpus_fingerprint=fingerprint,
        corpus_summary=corpus.cleaning.summary(),
        parameters=sum(weight.numel() for weight in trainer.model.parameters()),
        model_text=str(trainer.model),
        device=torch.cuda.get_device_name(trainer.device) if on_cuda else str(trainer.device),
    )


def _count(corpus: Corpus, rows: Sequence[int]) -> PartCounts:
    by_class = np.bincount(corpus.targets[np.asarray(rows)], minlength=len(corpus.labels))
    return PartCounts(rows=len(rows), by_class=by_class.tolist())
