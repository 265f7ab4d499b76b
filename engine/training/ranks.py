"""Training in several processes, of one machine or of more: torch's launcher starts them, and its
DistributedDataParallel averages their gradients.

All ranks hold the same weights, walk through the same batches in the same order and draw the same random numbers; of
every batch each trains on its own rows. So a step is that of one process on the whole batch, the state of rank 0 is
that of all, and a checkpoint resumes with any number of ranks. Only rank 0 has the record and the clients; at every
batch boundary it gives the others their order.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from types import FrameType
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from namestui.engine.nets.network import Network, Share
from namestui.runs.store import host_name

START_WITHIN = 600.0
"""Seconds that the ranks have to find each other: importing torch takes some, a shared file system more."""
COLLECTIVE_TIMEOUT = timedelta(minutes=30)
"""How long a collective waits for a rank that neither answers nor dies, such as one of a machine without power."""
GRACE_AFTER_SIGTERM = 20.0
"""Seconds after SIGTERM without which a rank that never came counts as dead; torchrun kills after 30."""
FAILURE_PATIENCE = 5.0
"""Seconds to search for the rank that broke a collective."""

_FAILURE = "namestui/failure"
_SET_PDEATHSIG = 1  # prctl(2)


class Order(IntEnum):
    """What rank 0 has the others do at a batch boundary."""

    WAIT = 0
    GO = 1
    END = 2


class LostRankError(RuntimeError):
    """A rank has died before all had met; the text says which and why. Later, collectives raise RuntimeError."""


class Ranks:
    """This process's place among all ranks, as the launcher's environment says: ``rank`` of ``size``."""

    def __init__(self) -> None:
        _die_with_launcher()
        self._terminated: float | None = None
        self._listen_to_launcher()
        # The launcher's own store where it offers one: it outlives the ranks, so that the dead can be asked for.
        self._store, self.rank, self.size = next(rendezvous("env://"))
        self._joined = False
        self._store.set(f"namestui/rank/{self.rank}", f"{os.getpid()} {host_name()}")

    # Beginning

    def join(self, chosen: torch.device) -> torch.device:
        """Meet the other ranks, once; this rank's own device: of several GPUs the one of its local rank.

        Raises:
            LostRankError: one has died, or has not come within ``START_WITHIN`` seconds.
        """
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if chosen.type == "cuda" else chosen
        if not self._joined:
            self._meet()
            if device.type == "cuda":
                torch.cuda.set_device(device)
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo",
                store=PrefixStore("namestui/group", self._store),
                rank=self.rank,
                world_size=self.size,
                timeout=COLLECTIVE_TIMEOUT,
            )
            self._joined = True
        return device

    def parallel(self, model: Network, device: torch.device, *, one_letter: bool) -> DistributedDataParallel:
        """``model`` with gradients that are averaged over all ranks, and on all ranks with the weights of rank 0.

        ``one_letter``: some names have but one.
        """
        return DistributedDataParallel(
            model,
            device_ids=[device] if device.type == "cuda" else None,
            find_unused_parameters=one_letter and model.IDLE_AT_ONE_LETTER,
        )

    def share(self, state: Any = None) -> Any:
        """What rank 0 calls this with, on all ranks; tensors must be on the CPU."""
        content = [state]
        dist.broadcast_object_list(content, src=0, device=torch.device("cpu"))
        return content[0]

    # At a batch

    def loss(
        self, model: DistributedDataParallel, letters: Tensor, targets: Tensor, class_weights: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What to call ``backward`` on, the mean loss of the whole batch, and how many of it are classified right.

        ``letters`` (B, T) and ``targets`` (B,) are the whole batch; ``class_weights`` (C,); what is returned second
        and third is equal on all ranks.
        """
        names = len(targets)
        has_names = self.rank < names
        # A rank without names trains on the first one with weight 0: it must take part, and no network takes none.
        rows = slice(self.rank, None, self.size) if has_names else slice(1)
        model.module.share = Share(rows, names)
        output = model(letters[rows])
        loss = F.nll_loss(output, targets[rows], class_weights, reduction="sum") * has_names
        correct = (output.argmax(1) == targets[rows]).sum() * has_names
        totals = torch.stack([loss.detach().double(), correct.double()])
        dist.all_reduce(totals)
        return loss * (self.size / names), totals[0] / names, totals[1].long()  # DDP divides by the number of ranks

    # At a batch boundary

    def proceed(self, epochs: int) -> bool:
        """On rank 0: have all train on, as far as ``epochs``; whether one of them has got SIGTERM."""
        return self._agree(Order.GO, epochs)[2] > 0

    def wait(self) -> bool:
        """On rank 0: have the others wait on; whether one of them has got SIGTERM."""
        return self._agree(Order.WAIT, 0)[2] > 0

    def finish(self) -> None:
        """On rank 0: have the others finish."""
        self._agree(Order.END, 0)

    def next_order(self) -> tuple[Order, int]:
        """On the others: the order of rank 0, once it is anything but wait, and the epochs planned."""
        while True:
            order, epochs, _ = self._agree(Order.WAIT, 0)
            if order != Order.WAIT:
                return Order(order), epochs

    def _agree(self, order: Order, epochs: int) -> list[int]:
        """Sums over the ranks, of which only rank 0 gives an order; on the CPU, so that no GPU is waited for."""
        terminated = self.rank > 0 and self._terminated is not None  # rank 0 handles its own signals
        sums = torch.tensor([order, epochs, terminated], dtype=torch.int64)
        dist.all_reduce(sums)
        if sums[0] == Order.END:
            dist.destroy_process_group()
        return [int(number) for number in sums.tolist()]

    # When one dies

    def report_failure(self, error: BaseException) -> None:
        """Leave why this rank fails for rank 0 to report; nothing where another's failure is the reason."""
        if isinstance(error, RuntimeError) and self.failure_reason() is not None:
            return
        text = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
        self._record_failure(f"rank {self.rank} (process {os.getpid()} on {host_name()}) failed: {text}")

    def failure_reason(self, patience: float = FAILURE_PATIENCE) -> str | None:
        """Which other rank has failed and why, in one line; None where none has within ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while (found := self._find_failure()) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def _find_failure(self) -> str | None:
        with contextlib.suppress(RuntimeError):  # the store died with its machine
            if self._store.check([_FAILURE]):
                return str(self._store.get(_FAILURE).decode("utf-8", "replace"))
            for rank in range(self.size):
                if rank == self.rank or not self._store.check([f"namestui/rank/{rank}"]):
                    continue
                pid, host = self._store.get(f"namestui/rank/{rank}").decode().split(" ", 1)
                if host == host_name() and not _lives(int(pid)):
                    who = f"rank {rank} (process {pid} on {host})"
                    return self._record_failure(f"{who} was killed, or crashed: see worker.log")
        return None

    def _record_failure(self, reason: str) -> str:
        """Keep ``reason``; the first that any rank has given, of which the later ones follow."""
        first: bytes = self._store.compare_set(_FAILURE, "", reason)
        return first.decode("utf-8", "replace")

    def _meet(self) -> None:
        """Wait until all ranks live, so that one that dies before is reported, not waited for."""
        deadline = time.monotonic() + START_WITHIN
        while True:
            missing = [rank for rank in range(self.size) if not self._store.check([f"namestui/rank/{rank}"])]
            reason = self._find_failure()
            if reason is not None:
                raise LostRankError(reason)
            if not missing:
                return
            if self._terminated is not None:
                deadline = min(deadline, self._terminated + GRACE_AFTER_SIGTERM)
            if time.monotonic() > deadline:
                raise LostRankError(self._record_failure(f"rank {missing[0]} did not start: see worker.log"))
            time.sleep(0.05)

    def _listen_to_launcher(self) -> None:
        """SIGTERM on any rank stops the run at the next batch boundary; on rank 0 that was arranged before."""
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def note(number: int, frame: FrameType | None, before: Any = before) -> None:
                self._terminated = self._terminated or time.monotonic()
                if self.rank == 0 and callable(before):
                    before(number, frame)

            signal.signal(number, note)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _die_with_launcher() -> None:
    """The launcher holds the run's lock, and hands no descriptor on: without it no rank may train on.

    Linux only; elsewhere a killed launcher leaves ranks behind that end when their store does not answer.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether a process runs; one that has ended does not, although its parent has yet to notice."""
    with contextlib.suppress(OSError):
        if Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] in (b"Z", b"X"):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
