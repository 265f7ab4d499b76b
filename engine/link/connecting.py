"""Connections to the sockets of workers."""

from __future__ import annotations

import socket

from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory


def connect(run: RunDirectory) -> socket.socket | None:
    """A connection to the worker's socket, or None where nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setblocking(False)  # connecting to a Unix socket succeeds or fails at once
    try:
        with address(socket_path(run.path)) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        return None
    return connection
