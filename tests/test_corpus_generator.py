"""Generated corpora: equal for equal seeds, of the size asked for, and worth learning."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.corpus_generator import generate
from namestui.data.corpus import load_corpus


def test_a_folder_and_a_table_hold_the_same_names(tmp_path: Path) -> None:
    for out in ("folder", "one.csv", "again.csv", "one.tsv"):
        generate(tmp_path / out, 1_001, 7, seed=3)
    folder, table, tabs = (load_corpus(tmp_path / out) for out in ("folder", "one.csv", "one.tsv"))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    assert len(folder.names) == len(table.names) == 1_001
    assert len(folder.labels) == 7
    assert set(Counter(folder.targets.tolist()).values()) == {143}
    assert folder.cleaning.summary() == []
    assert table.names == tabs.names
    for target in range(7):
        assert [folder.names[row] for row in (folder.targets == target).nonzero()[0]] == [
            table.names[row] for row in (table.targets == target).nonzero()[0]
        ]


def test_another_seed_gives_other_names(tmp_path: Path) -> None:
    for seed in (0, 1):
        generate(tmp_path / f"{seed}.csv", 100, 2, seed=seed)
    assert (tmp_path / "0.csv").read_bytes() != (tmp_path / "1.csv").read_bytes()


def test_labels_differ_in_their_letters(tmp_path: Path) -> None:
    # GIVEN letter pairs counted in one half of each label's names THEN they tell most of the other half's labels
    generate(tmp_path / "names", 2_000, 4)
    corpus = load_corpus(tmp_path / "names")
    counts = [Counter[str]() for _ in corpus.labels]
    rows = list(zip(corpus.names, corpus.targets.tolist(), strict=True))
    for name, target in rows[::2]:
        counts[target].update(a + b for a, b in zip(name.lower(), name.lower()[1:], strict=False))
    hits = 0
    for name, target in rows[1::2]:
        pairs = [a + b for a, b in zip(name.lower(), name.lower()[1:], strict=False)]
        scores = [sum((count[pair] + 1) / (count.total() + 676) > 0.004 for pair in pairs) for count in counts]
        hits += scores.index(max(scores)) == target
    assert hits / len(rows[1::2]) > 0.5  # chance is .25
