"""What lies where a corpus should be: only regular files are read, of bounded size, and every refusal is one line."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from namestui.data import text_files
from namestui.data.corpus import CorpusError, load_corpus


def refusal(path: Path, named: str) -> str:
    """The text of the error that loading ``path`` gives; always one printable line that names the file."""
    with pytest.raises(CorpusError) as caught:
        load_corpus(path)
    text = str(caught.value)
    assert text.isprintable()
    assert named in text
    return text


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        current = Path.cwd()
        os.chdir(path.parent)  # the path of a socket may be short only
        try:
            server.bind(path.name)
        finally:
            os.chdir(current)


@pytest.mark.parametrize("name", ["Zoo.txt", "zoo.csv", "zoo.xyz"])
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (os.mkfifo, "a pipe"),
        (listening, "a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.mkdir(), "a folder"),
    ],
    ids=["pipe", "socket", "endless device", "folder"],
)
def test_only_regular_files_are_read(tmp_path: Path, name: str, make: Callable[[Path], None], kind: str) -> None:
    (tmp_path / "A.txt").write_text("Anna\n")
    (tmp_path / "B.txt").write_text("Bo\n")
    make(tmp_path / name)
    if name == "Zoo.txt":
        assert f"Zoo.txt: {kind}" in refusal(tmp_path, "Zoo.txt")
    elif kind == "a folder":
        assert "no .txt file in it" in refusal(tmp_path / name, name)
    else:
        assert f": {kind}" in refusal(tmp_path / name, name)


def test_a_pipe_beside_a_large_corpus_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namestui.data.corpus.MIN_CACHED_BYTES", 0)
    (tmp_path / "A.txt").write_text("Anna\n")
    os.mkfifo(tmp_path / "B.txt")
    with pytest.raises(CorpusError, match="a pipe"):
        load_corpus(tmp_path, cache=tmp_path / "cache")


def test_links_to_files_are_the_users_own_choice(tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "elsewhere").write_text("Anna\n")
    (tmp_path / "names" / "A.txt").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "names" / "B.txt").write_text("Bo\n")
    assert load_corpus(tmp_path / "names").names == ("Anna", "Bo")
    (tmp_path / "names" / "C.txt").symlink_to(tmp_path / "nowhere")
    assert "No such file" in refusal(tmp_path / "names", "C.txt")


@pytest.mark.parametrize("name", ["Zoo.txt", "zoo.csv"])
def test_a_sparse_file_takes_no_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "A.txt").write_text("Anna\n")
    path = tmp_path / name
    corpus = tmp_path if name == "Zoo.txt" else path
    with path.open("wb") as sparse:
        sparse.truncate(text_files.MAX_BYTES + 1)
    assert "8.0 GiB" in refusal(corpus, name)
    os.truncate(path, text_files.MAX_BYTES - 100)
    assert "not text" in refusal(corpus, name)
    # AND where it begins as text
    with path.open("r+b") as sparse:
        sparse.write(b"name,label\n" * 10_000)
    assert f"a line of more than {text_files.MAX_LINE:,} bytes" in refusal(corpus, f"{name}:10001")


def test_all_files_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "MAX_BYTES", 9)
    for label in "ABC":
        (tmp_path / f"{label}.txt").write_text("Ann\n")
    assert "12 bytes; the limit is 9 bytes" in refusal(tmp_path, str(tmp_path))


def test_a_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "A.txt").write_text("Anna\n")
    path = tmp_path / "B.txt"
    path.write_text("Bo\n")
    lines = text_files.read_lines(path, 2)
    found = [next(lines)]
    with path.open("a") as more:
        more.write("Cid\n" * 1000)
    assert b"".join([*found, *lines]) == b"Bo\n"


@pytest.mark.parametrize("name", ["Zoo.txt", "zoo.csv"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("call", ["open", "stat", "read"])
def test_system_calls_that_fail_name_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int, call: str
) -> None:
    (tmp_path / "A.txt").write_text("Anna\n")
    path = tmp_path / name
    path.write_text("name,label\nAnna,X\nBo,Y\n")

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def fail(at: object, *rest: object, **named: object) -> object:
            if str(at) == str(path):
                raise OSError(number, os.strerror(number), str(at))
            return real(at, *rest, **named)

        return fail

    if call == "read":
        monkeypatch.setattr(text_files, "open_regular", failing(text_files.open_regular))
    else:
        monkeypatch.setattr(os, call, failing(getattr(os, call)))
    assert os.strerror(number) in refusal(tmp_path if name == "Zoo.txt" else path, name)


@pytest.mark.parametrize("name", ["Zoo.txt", "zoo.csv"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("name,label\nAnna,X\nBo,Y\n".encode("utf-16"), "UTF-16; save the file as UTF-8"),
        ("name,label\nAnna,X\nBo,Y\n".encode("utf-32"), "UTF-32; save the file as UTF-8"),
        ("name,label\nAnna,X\nBo,Y\n".encode("utf-16-be"), "probably UTF-16 or UTF-32; save the file as UTF-8"),
        ("name,label\nAnna,X\nBo,Y\n".encode("utf-16-le"), "probably UTF-16 or UTF-32; save the file as UTF-8"),
        (b"name,label\rAnna,X\rBo,Y\r", ":1: its lines end in CR alone"),
        (b"PK\x03\x04\x14\x00", "save a spreadsheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as CSV"),
        (b"\x1f\x8b\x08\x00", "compressed; unpack it"),
    ],
)
def test_what_is_no_utf8_text_says_what_it_is(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / "A.txt").write_text("Anna\n")
    (tmp_path / name).write_bytes(content)
    assert reason in refusal(tmp_path if name == "Zoo.txt" else tmp_path / name, name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("names.xlsx", "a spreadsheet; save it as CSV"),
        ("names.ODS", "a spreadsheet; save it as CSV"),
        ("names.json", "a file, not a folder, .csv or .tsv"),
        ("names", "a file, not a folder, .csv or .tsv"),
    ],
)
def test_other_files(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert reason in refusal(tmp_path / name, name)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".csv", "a\0b", "a\0b.csv"])
def test_paths_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path / name)
    assert str(caught.value).isprintable()
