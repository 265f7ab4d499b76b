"""The rows and columns of a table of runs, in the order in which they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from namestui.runs.differences import Value
from namestui.runs.text import NOTHING, Inert, inert
from namestui.tui.state.compare import MEASURES, Better, Compared, Configured, ranked, winners
from namestui.tui.state.compare_view import CompareView, index_of
from namestui.tui.widgets.chart.plot import Reading
from namestui.tui.widgets.chart.series import value_text
from namestui.tui.widgets.compare_layout import Column, Head
from namestui.tui.widgets.compare_table import Table
from namestui.tui.words.compare import HEADINGS, figure, setting
from namestui.tui.words.table import shorten

VALUE = "value"
SETTING = "setting "
"""Before the name of a column that is a setting: one may be called like a measure."""
MAX_HEADING = 20


class Shown(NamedTuple):
    """What the first chart reads of the runs, by their numbers: at ``epoch`` or (None) the newest."""

    readings: Mapping[int, Reading] = MappingProxyType({})
    epoch: int | None = None
    better: Better = ""


NOT_SHOWN = Shown()


def ordered(
    runs: Sequence[Compared], configured: Configured, view: CompareView, shown: Shown = NOT_SHOWN
) -> list[Compared]:
    """The runs as the table has them; by number where nothing sorts it."""
    if view.sort == VALUE:
        values = {number: reading.value for number, reading in shown.readings.items()}
        return ranked(runs, lambda one: values.get(one.number), best_first=shown.better, reverse=view.reverse)
    for measure in MEASURES:
        if measure.name == view.sort:
            return ranked(runs, measure.value, best_first=measure.better, reverse=view.reverse)
    settings = configured.differing.get(view.sort.removeprefix(SETTING)) if view.sort.startswith(SETTING) else None
    if settings is None:
        return list(runs)
    return ranked(runs, lambda one: settings.get(one.number), reverse=view.reverse)


def table_of(runs: Sequence[Compared], configured: Configured, view: CompareView, shown: Shown = NOT_SHOWN) -> Table:
    """The whole table, which says of the run in focus in which settings it differs."""
    rows = ordered(runs, configured, view, shown)
    columns = [
        Column(
            VALUE,
            Inert("now" if shown.epoch is None else f"epoch {shown.epoch}"),
            tuple(_value(shown, one) for one in rows),
        ),
        *(
            Column(
                measure.name,
                Inert(HEADINGS[measure.name]),
                tuple(Inert(figure(measure, one)) for one in rows),
                frozenset(at for at, one in enumerate(rows) if one.run in best),
            )
            for measure in MEASURES
            for best in [winners(runs, measure)]
        ),
        *(
            Column(SETTING + name, _heading(name), tuple(_cell(values, one) for one in rows))
            for name, values in configured.differing.items()
        ),
    ]
    columns = [column for column in columns if any(column.cells)]
    names = [column.name for column in columns]
    focus = index_of(view.focus, [one.run for one in rows])
    return Table(
        heads=tuple(Head(one.run, one.number, one.title, one.state) for one in rows),
        columns=tuple(columns),
        focus=focus,
        column=index_of(view.column, names),
        sort=names.index(view.sort) if view.sort in names else None,
        reverse=view.reverse,
        heading=Inert(f"{len(rows)} run{'s' * (len(rows) != 1)}"),
        note=_note(rows[focus], configured) if rows else NOTHING,
    )


def _value(shown: Shown, one: Compared) -> Inert:
    """With its epoch where that is not the one that is looked at; a run that counts no epochs has none of it."""
    reading = shown.readings.get(one.number)
    if reading is None or (shown.epoch is not None and not reading.epoch):
        return NOTHING
    is_there = shown.epoch in (None, reading.epoch)
    return Inert(value_text(reading.value).strip() + ("" if is_there else f" @{reading.epoch:g}"))


def _heading(name: str) -> Inert:
    return Inert(shorten(inert(name), MAX_HEADING))


def _cell(values: Mapping[int, Value], one: Compared) -> Inert:
    return setting(values[one.number]) if one.number in values else NOTHING


def _note(one: Compared, configured: Configured) -> Inert:
    """``2 LSTM running  learning_rate=0.02 dropout=0.1  20261123-214207-lstm-k3f9``."""
    told = [
        f"{_heading(name)}={setting(values[one.number])}"
        for name, values in configured.differing.items()
        if values.get(one.number) is not None
    ]
    return Inert("  ".join(filter(None, (f"{one.number} {one.title} {one.state}", " ".join(told), inert(one.run)))))
