"""More clients than a worker may have open files for."""

from __future__ import annotations

import contextlib
import socket

from bench.fault_lab import EPOCHS, Lab, check
from namestui.runs.sockets import address, socket_path

CONNECTIONS = 200
FILES = 64
"""Files that the worker may have open."""


def too_many_connections(lab: Lab) -> None:
    """More connections than the worker may have open files: clients are refused, training continues and is saved."""
    run = lab.create(4 * EPOCHS)
    pid = lab.start(run, fault="few_files", at=FILES)
    lab.wait_for_epoch(run, 1)
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(1.0)
            with contextlib.suppress(OSError), address(socket_path(run.path)) as name:  # refused, or gone by then
                connection.connect(name)
        check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    lab.check_as_if_nothing_had_happened(run, interruptions=0)
