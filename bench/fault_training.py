"""What goes wrong inside training: numbers that are not finite, memory that ends, a device that is not there."""

from __future__ import annotations

import re

import msgspec
import torch

from bench.fault_lab import EPOCHS, Lab, alerts, check, outcome, record, same
from namestui.runs.events import CheckpointSaved, StateChanged
from namestui.runs.store import RunDirectory


def loss_not_finite(lab: Lab) -> None:
    """A weight turns NaN or infinite: the run pauses itself, says where, keeps finite checkpoints, and can resume."""
    run = lab.create()
    lab.start(run, fault=lab.draw.choice(["not_a_number", "infinite"]), at=lab.draw.randint(4, 2 * EPOCHS))
    _wait_for_pause(lab, run)
    lab.kill(run)
    check(_finite(run), "a checkpoint has a weight that is not finite")
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def loss_not_finite_and_unseen(lab: Lab) -> None:
    """The same where a batch's loss is not checked, so that a GPU need not wait: paused at the end of the epoch."""
    run = lab.create()
    lab.start(run, fault="unseen", at=lab.draw.randint(4, 2 * EPOCHS))
    _wait_for_pause(lab, run)
    lab.kill(run)
    check(_finite(run), "a checkpoint has a weight that is not finite")


def weight_not_finite_in_the_checkpoint(lab: Lab) -> None:
    """A NaN has got into ``last.pt``: the run pauses itself, and resumes from the one before once it is gone."""
    run = lab.create()
    lab.zygote.wait(lab.start(run, fault="half_a_matrix", at=lab.draw.randint(4, EPOCHS), save_after=0.0))
    content = torch.load(run.last_checkpoint, weights_only=True)
    next(iter(content["trainer"]["model"].values())).fill_(float("nan"))
    torch.save(content, run.last_checkpoint)
    lab.start(run)
    _wait_for_pause(lab, run)
    lab.kill(run)
    run.last_checkpoint.unlink()
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=2)


def out_of_memory(lab: Lab) -> None:
    """The device is out of memory: failed with the command that helps, and it does."""
    run = lab.create()
    status = lab.zygote.wait(lab.start(run, fault="out_of_memory", at=lab.draw.randint(1, 2 * EPOCHS)))
    _check_failure(run, status, "out of memory")
    lab.finish(run, "--device", "cpu")
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def missing_device(lab: Lab) -> None:
    """The device is not there, at the start or on resuming: failed with the command that helps, and it does."""
    config = lab.config()
    there = lab.store.create(config)
    if started := lab.draw.random() < 0.5:
        lab.zygote.wait(lab.start(there, fault="half_a_line", at=lab.draw.randint(4, EPOCHS)))
    gone = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(config, device="cuda:99")))
    there.config_file.write_bytes(gone)
    _check_failure(there, lab.zygote.wait(lab.start(there)), "cuda:99")
    lab.finish(there, "--device", "cpu")
    found, expected = outcome(there), lab.reference(config)
    check(same(found.trainer, expected.trainer) and same(found.epochs, expected.epochs), f"not the same ({started=})")


def _wait_for_pause(lab: Lab, run: RunDirectory) -> None:
    before = sum(isinstance(event, CheckpointSaved) for event in record(run))
    paused = lab.wait_for_log(run, lambda event: isinstance(event, StateChanged) and event.state == "paused", "paused")
    reason = paused.reason if isinstance(paused, StateChanged) else ""
    check(bool(re.search(r"not finite at epoch \d+, batch \d+", reason)), f"the reason: {reason}")
    check(any("not finite at epoch" in message for message in alerts(run)), f"alerts: {alerts(run)}")
    lab.wait_for_log(run, lambda event: "no checkpoint" in getattr(event, "message", ""), f"no save after {before}")


def _check_failure(run: RunDirectory, status: int, reason: str) -> None:
    check(status == 1, f"the worker ended with status {status}")
    failed = [event for event in record(run) if isinstance(event, StateChanged)][-1]
    advice = f"namestui resume {run.id} --device cpu"
    check(failed.state == "failed" and reason in failed.reason and advice in failed.reason, f"the log ends: {failed}")
    check("Traceback" not in run.log_file.read_text(), "a traceback")


def _finite(run: RunDirectory) -> bool:
    """Whether all weights in the run's checkpoints are finite."""
    found = [path for path in (run.last_checkpoint, run.previous_checkpoint) if path.exists()]
    weights = [torch.load(path, weights_only=True)["trainer"]["model"].values() for path in found]
    return all(bool(torch.isfinite(weight).all()) for each in weights for weight in each)
