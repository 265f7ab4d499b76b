"""The cache of large corpora: what comes back is what went in, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from namestui.data import cache, corpus
from namestui.data.corpus import Corpus, load_corpus
from namestui.data.splits import Parts, grouped_split


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the cache will be; even the smallest corpus is kept."""
    monkeypatch.setattr(corpus, "MIN_CACHED_BYTES", 0)
    return tmp_path / "home" / "cache"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The corpora that were read from their own files."""
    found: list[Path] = []
    real = corpus._read

    def read(path: Path, *rest: object) -> Corpus:
        found.append(path)
        return real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(corpus, "_read", read)
    return found


def told(found: Corpus) -> tuple[object, ...]:
    parts = grouped_split(found, 3)
    return found.labels, list(found.names), found.targets.tolist(), found.cleaning, found.fingerprint(), parts


def test_the_second_time_it_comes_from_the_cache(small_corpus: Path, kept: Path, reads: list[Path]) -> None:
    (small_corpus / "Kirik.txt").write_text("Béla\nB0b\n\n王\nKik\n")
    expected = told(load_corpus(small_corpus))
    reads.clear()
    assert told(load_corpus(small_corpus, cache=kept)) == expected
    assert told(load_corpus(small_corpus, cache=kept)) == expected
    assert reads == [small_corpus]
    # AND nobody else can read it
    assert kept.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name.partition("-")[2] for path in kept.iterdir()) == ["corpus.npz", "grouped-3.npz"]
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_a_kept_split_is_used(small_corpus: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = grouped_split(load_corpus(small_corpus, cache=kept), 3)
    monkeypatch.setattr("namestui.data.splits._part_of_each_row", None)
    assert grouped_split(load_corpus(small_corpus, cache=kept), 3) == expected
    with pytest.raises(TypeError):  # another seed's is not kept
        grouped_split(load_corpus(small_corpus, cache=kept), 4)


@pytest.mark.parametrize("change", ["content", "name", "file"])
def test_other_files_are_another_corpus(small_corpus: Path, kept: Path, reads: list[Path], change: str) -> None:
    load_corpus(small_corpus, cache=kept)
    if change == "content":
        names = small_corpus / "Sumo.txt"
        moment = names.stat()
        names.write_text(names.read_text().swapcase())
        os.utime(names, ns=(moment.st_atime_ns, moment.st_mtime_ns))  # size and time say nothing
    elif change == "name":
        (small_corpus / "Sumo.txt").rename(small_corpus / "Tumo.txt")
    else:
        (small_corpus / "Zz.txt").write_text("Zazi\n")
    assert told(load_corpus(small_corpus, cache=kept)) == told(load_corpus(small_corpus))
    assert len(reads) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["corpus", "grouped-3"]), st.floats(0, 1), st.binary(max_size=4))
def test_a_damaged_entry_is_made_anew(small_corpus: Path, kept: Path, what: str, share: float, junk: bytes) -> None:
    expected = told(load_corpus(small_corpus, cache=kept))
    (path,) = kept.glob(f"*-{what}.npz")
    content = path.read_bytes()
    at = int(share * len(content))
    path.write_bytes(content[:at] + junk + content[at + len(junk) :] if junk else content[:at])
    assert told(load_corpus(small_corpus, cache=kept)) == expected


def test_only_the_newest_entries_are_kept(small_corpus: Path, kept: Path) -> None:
    found = load_corpus(small_corpus, cache=kept)
    for seed in range(cache.MAX_ENTRIES + 3):
        grouped_split(found, seed)
    assert len(list(kept.iterdir())) == cache.MAX_ENTRIES


def test_what_cannot_be_written_is_not_kept(small_corpus: Path, kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text("a file where the folder should be")
    assert told(load_corpus(small_corpus, cache=kept)) == told(load_corpus(small_corpus))


def test_a_small_corpus_is_not_kept(small_corpus: Path, tmp_path: Path) -> None:
    found = load_corpus(small_corpus, cache=tmp_path / "cache")
    assert isinstance(grouped_split(found, 0), Parts)
    assert not (tmp_path / "cache").exists()
