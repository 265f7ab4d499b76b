"""Inject faults into real runs, many times each, and print what survived.

    python -m bench.faults [--times 50] [--seed 0] [--only NAME]

Each fault is a function of ``bench/fault_*.py`` whose docstring says what is done and what has to hold; in the end the
run must be, bit for bit, what it would have been without the fault. Exit status 1 where something did not survive.
The last column is what is injected and what survives; below a row stands what did not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bench import (
    fault_clients,
    fault_crowds,
    fault_disk,
    fault_files,
    fault_flood,
    fault_hostile,
    fault_hosts,
    fault_intruders,
    fault_kills,
    fault_training,
)
from bench.fault_lab import Lab, NotSurvivedError
from namestui.runs.store import RunError

Fault = Callable[[Lab], None]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        fault_kills.killed_at_a_random_moment,
        fault_kills.killed_while_a_checkpoint_is_written,
        fault_kills.killed_inside_a_system_call,
        fault_kills.stopped_by_a_signal,
        fault_files.torn_or_garbage_line,
        fault_files.one_bad_checkpoint,
        fault_files.all_checkpoints_bad,
        fault_files.flipped_bit,
        fault_files.bad_best_weights,
        fault_files.stale_files_of_a_dead_worker,
        fault_files.socket_taken_away,
        fault_files.newer_format,
        fault_files.older_format,
        fault_disk.full_disk,
        fault_disk.full_disk_at_the_start,
        fault_disk.stopped_on_a_full_disk,
        fault_disk.read_only_home,
        fault_disk.turned_read_only,
        fault_disk.vanished_directory,
        fault_disk.another_directory_in_its_place,
        fault_clients.clients_come_and_go,
        fault_flood.flood_of_events,
        fault_flood.flood_of_questions,
        fault_flood.very_long_log,
        fault_hosts.two_resumes_at_once,
        fault_hosts.another_host,
        fault_hosts.newer_worker,
        fault_hosts.clock_set_back,
        fault_training.loss_not_finite,
        fault_training.loss_not_finite_and_unseen,
        fault_training.weight_not_finite_in_the_checkpoint,
        fault_training.out_of_memory,
        fault_training.missing_device,
        fault_intruders.files_of_a_whole_life,
        fault_intruders.names_that_lead_elsewhere,
        fault_intruders.another_user,
        fault_hostile.links_in_place_of_files,
        fault_hostile.pid_of_a_stranger,
        fault_hostile.damaged_in_the_middle_and_asked,
        fault_hostile.files_that_are_none,
        fault_hostile.matrices_that_were_never_synced,
        fault_crowds.too_many_connections,
    )
}


def main() -> int:
    """Inject, count, and print a row a fault as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50, help="how often each fault is injected")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(FAULTS), help="this fault alone")
    options = parser.parse_args()
    width = max(map(len, FAULTS))
    print(f"{'fault':<{width}}  injected  survived  what survived")
    failed = 0
    with Lab(options.seed) as lab:
        for name, fault in FAULTS.items():
            if options.only not in (None, name):
                continue
            found = [_inject(lab, name, fault, options.seed, time) for time in range(options.times)]
            problems = [problem for problem in found if problem]
            counts = f"{options.times:>8}  {options.times - len(problems):>8}"
            print(f"{name:<{width}}  {counts}  {(fault.__doc__ or '').splitlines()[0]}", flush=True)
            for problem in problems:
                print(f"    {problem}", flush=True)
            failed += len(problems)
    return 1 if failed else 0


def _inject(lab: Lab, name: str, fault: Fault, seed: int, time: int) -> str:
    """Inject a fault once; what did not survive, or nothing."""
    lab.draw.seed(f"{name} {seed} {time}")
    try:
        fault(lab)
    except (NotSurvivedError, OSError, ValueError, TypeError, RunError) as problem:
        return f"{time}: {type(problem).__name__}: {problem}"
    except (fault_disk.CannotMountError, fault_intruders.CannotBecomeAnotherError) as problem:
        return f"{time}: not injected: {problem}"
    finally:
        lab.clear()
    return ""


if __name__ == "__main__":
    sys.exit(main())
