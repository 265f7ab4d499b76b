"""What a worker prints goes to a file, which may be on a full disk: that ends nothing."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from namestui.engine.recording.worker_log import report, report_exception


class Full(io.StringIO):
    """A file on a disk without room."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_and_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    report("run x: gone")
    report_exception(ValueError("odd"))
    lines = capsys.readouterr().err.splitlines()
    assert (lines[0], lines[-1]) == ("namestui: run x: gone", "ValueError: odd")


def test_a_full_disk_swallows_words_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(OSError, match="No space left"):
        print("x", file=sys.stderr)
    report("run x: gone")
    report_exception(ValueError("odd"))
