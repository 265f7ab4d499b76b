"""Sockets of runs: a path longer than the 107 bytes of a Unix socket address works all the same."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from namestui.runs import sockets
from namestui.runs.sockets import address, peer_uid, socket_path


@pytest.mark.parametrize("depth", [0, 3])
def test_bind_and_connect(tmp_path: Path, depth: int) -> None:
    # GIVEN a run directory, short or far too long for a socket address
    run = tmp_path.joinpath(*["d" * 80] * depth)
    run.mkdir(parents=True, exist_ok=True)
    path = socket_path(run)
    assert depth == 0 or len(os.fsencode(path)) > 107
    # WHEN a server listens there and a client connects
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        with address(path) as name:
            assert len(os.fsencode(name)) < 104
            server.bind(name)
        server.listen()
        assert path.is_socket()
        with address(path) as name:
            client.connect(name)
        connection, _ = server.accept()
        with connection:
            # THEN they talk, and the server knows whose the client is
            client.sendall(b"hello")
            assert connection.recv(5) == b"hello"
            assert peer_uid(connection) == os.getuid()


def test_address_leaves_no_descriptor_open(tmp_path: Path) -> None:
    before = set(Path("/dev/fd").iterdir())
    with address(tmp_path / "socket"):
        pass
    assert set(Path("/dev/fd").iterdir()) == before


def test_address_in_a_directory_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), address(tmp_path / "gone" / "socket"):
        pass


def test_elsewhere_a_long_path_is_a_short_one_of_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets.sys, "platform", "darwin")
    assert socket_path(Path("/tmp/run")) == Path("/tmp/run/socket")
    run = tmp_path / ("d" * 120)
    path = socket_path(run)
    assert len(os.fsencode(path)) < 104
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path == socket_path(run)
    assert path != socket_path(tmp_path / ("e" * 120))
