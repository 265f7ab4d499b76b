"""What the benchmarks share: their arguments, the machine they ran on, and an aligned table or JSON of results."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

Cell = str | int | float | bool | None


@dataclass(slots=True)
class Table:
    """``rows`` map column names to values; a column missing from a row is shown as ``-``."""

    title: str
    rows: list[dict[str, Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parser(description: str | None, *, corpus: bool = False) -> argparse.ArgumentParser:
    """A parser with ``--json`` and, where asked for, the positional CORPUS."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if corpus:
        result.add_argument("corpus", metavar="CORPUS", help="bundled, a folder of Label.txt files, or a .csv or .tsv")
    result.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    return result


def machine() -> dict[str, Cell]:
    """Processor, cores, versions, date, and the 1-minute load, which says what else was busy."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "textual": version("textual"),
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "load": round(os.getloadavg()[0], 2),
    }


def emit(benchmark: str, tables: Sequence[Table], *, as_json: bool) -> None:
    """Print ``tables`` under the machine's line, or everything as one JSON object."""
    facts = machine()
    if as_json:
        print(json.dumps({"benchmark": benchmark, "machine": facts, "tables": [asdict(table) for table in tables]}))
        return
    print(f"{benchmark}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))
    print("Other programs share these cores: trust ratios within this run (medians), not single figures.")
    for table in tables:
        print(f"\n{table.title}")
        print(aligned(table.rows))
        for note in table.notes:
            print(note)


def aligned(rows: Sequence[dict[str, Cell]]) -> str:
    """``rows`` as text: words to the left, numbers to the right, two blanks between columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    texts = [[shown(row.get(name)) for name in columns] for row in rows]
    wordy = [any(isinstance(row.get(name), str) for row in rows) for name in columns]
    widths = [max(len(name), *(len(line[i]) for line in texts)) for i, name in enumerate(columns)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if words else text.rjust(width)
            for text, width, words in zip(line, widths, wordy, strict=True)
        ).rstrip()
        for line in [columns, *texts]
    )


def shown(value: Cell) -> str:
    """A value as a table shows it: three significant digits, thousands separated, ``-`` for None."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def middle(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return median(values) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of ``values`` do not exceed; NaN of nothing."""
    if not values:
        return float("nan")
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-int(share * 1_000_000) * len(ranked) // 1_000_000) - 1))]


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
