"""What a run is, and what to print when the screen closes: plain lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from namestui.runs.differences import recorded_differences, settings_text
from namestui.runs.events import Probed, State
from namestui.runs.models import title_of
from namestui.runs.summary import Summary
from namestui.runs.text import Inert, inert
from namestui.tui.state.run_state import RunState
from namestui.tui.words.format import percent
from namestui.tui.words.split_facts import split_facts

MAX_PROBES = 8
"""Epochs that are named, of those at which a run was probed."""


def about(state: RunState | None) -> list[Inert]:
    """What a run is, in plain lines."""
    if state is None:
        return []
    lines: list[str] = [f"run {inert(state.run)}"]
    started = state.started
    if started is not None:
        config = started.config
        changed = settings_text(recorded_differences(config))
        lines += [
            inert(f"corpus {config.get('corpus')}, {config.get('split')} split, seed {config.get('seed')}"),
            f"settings {inert(changed) or 'as in the recipe'}",
            f"names: {started.train.rows:,} train, {started.validation.rows:,} validation, {started.test.rows:,} test",
            f"{started.rows:,} rows, {started.distinct_names:,} distinct names, "
            f"{started.ambiguous_names:,} of them in several classes",
            f"majority baseline {percent(started.majority_baseline).strip()}{split_facts(started, ', ')}",
            f"{started.parameters:,} parameters",
            *probes(state.history.probed),
            *(inert(line) for line in started.corpus_summary),
            *(inert(line) for line in started.model_text.splitlines()),
        ]
    return [Inert(line) for line in lines]


def probes(probed: Sequence[Probed]) -> list[str]:
    """When the network was probed, and on how many names; nothing where it never was."""
    if not probed:
        return []
    epochs = list(dict.fromkeys(str(one.epoch) for one in probed))
    if len(epochs) > MAX_PROBES:
        epochs = [*epochs[: MAX_PROBES - 1], "...", epochs[-1]]
    return [f"probed at epochs {', '.join(epochs)} on {probed[-1].names:,} validation names"]


def closing_message(runs: Iterable[RunState], elsewhere: Iterable[Summary] = ()) -> list[str]:
    """The closing message: which runs keep training, also without a tab, and how to resume what does not."""
    states = list(runs)
    live = [state for state in states if state.is_live]
    lines = [f"{state.title} {_status_word(state.state)} ({inert(state.run)})" for state in live]
    lines += [
        f"{inert(one.name) or title_of(one.model)} {_status_word(one.state)} ({inert(one.run)}), without a tab"
        for one in elsewhere
    ]
    if lines:
        lines.append("come back with: namestui")
    stopped = [state for state in states if state.state == "stopped"]
    return lines + [
        f"{state.title} is stopped; resume it with: namestui resume {inert(state.run)}" for state in stopped
    ]


def _status_word(state: State) -> str:
    return "stays paused" if state in ("pausing", "paused") else "trains on"
