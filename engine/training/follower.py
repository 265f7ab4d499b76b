"""What a rank above 0 does: it trains its rows of every batch and does as rank 0 orders. It writes nothing."""

from __future__ import annotations

import sys
import traceback

import torch

from namestui.data import catalogue
from namestui.data.corpus import Corpus, CorpusError
from namestui.engine.nets.devices import choose_device
from namestui.engine.training.ranks import LostRankError, Order, Ranks
from namestui.engine.training.trainer import Trainer
from namestui.runs.config import RunConfig
from namestui.runs.store import RunDirectory


def follow_first_rank(run: RunDirectory, device: str = "") -> int:
    """Train along until rank 0 orders it to finish; the exit status. ``device`` overrides the config's."""
    torch.set_num_threads(1)
    ranks = Ranks()
    try:
        config = run.config()
        place = ranks.join(choose_device(device or config.device))
        corpus = catalogue.load_by_name(config.corpus, config.reading)
        while _train(config, corpus, place, ranks):
            pass
        return 0
    except LostRankError as error:
        print(f"namestui: rank {ranks.rank} ends: {error}", file=sys.stderr)
    except Exception as error:
        # The last resort of this process: rank 0 learns what happened, and this rank's traceback is in its log.
        ranks.report_failure(error)
        if (reason := ranks.failure_reason(0)) is not None and not reason.startswith(f"rank {ranks.rank} "):
            print(f"namestui: rank {ranks.rank} ends: {reason}", file=sys.stderr)
        else:
            traceback.print_exc()
    return 1


def _train(config: RunConfig, corpus: Corpus, device: torch.device, ranks: Ranks) -> bool:
    """Train from where rank 0 stands to the end that it plans; whether it then begins again (it was extended)."""
    trainer = Trainer(config, corpus, device, ranks)
    fingerprint, state = ranks.share()
    if fingerprint != corpus.fingerprint():
        raise CorpusError(f"the corpus {config.corpus} is not the same here as on rank 0")
    if state is not None:
        trainer.restore(state)
    order, trainer.epochs = ranks.next_order()
    if order is Order.END:
        return False
    for _ in trainer.follow():
        order, trainer.epochs = ranks.next_order()
        if order is Order.END:
            return False
    return ranks.next_order()[0] is Order.GO
