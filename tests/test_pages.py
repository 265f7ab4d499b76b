"""Which charts are on a page, what the filter lets through, where the cursor can stand, and what of it is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.screen_session import ChartsSession, ScreenSession
from namestui.runs.store import RunStore
from namestui.tui.state.chart_view import ALL_LIVE, ChartView
from namestui.tui.state.class_history import Recalls
from namestui.tui.state.epochs import Epochs, epochs_of
from namestui.tui.state.looks import Looks
from namestui.tui.state.pages import FIRST_PAGE, Pages, has_words
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.groups import PER_CHART, chart_of_group, groups_of
from tests.fake_engine import EventMaker

NAMES = st.lists(st.text(min_size=1), unique=True, max_size=20)


@given(NAMES, st.integers(1, 6))
def test_pages_show_every_name_once_in_order(names: list[str], size: int) -> None:
    pages, seen = FIRST_PAGE, list[str]()
    for number in range(1, -(-len(names) // size) + 1):
        page = pages.page(names, size)
        assert (page.number, page.pages) == (number, -(-len(names) // size))
        seen += page.names
        pages = pages.turned(names, size, 1)
    assert seen == names
    # and past the last there is none
    assert pages.page(names, size).number == pages.page(names, size).pages


def test_a_page_stays_as_names_come_and_goes_back_to_the_first() -> None:
    pages = FIRST_PAGE.turned(["a", "b", "c"], 2, 1)
    assert pages.page(["a", "b", "c"], 2).names == ("c",)
    assert pages.page(["a", "b", "c", "d", "e"], 2).names == ("c", "d")
    assert pages.page(["a", "b", "x", "c"], 2).names == ("x", "c")
    assert pages.page(["d"], 2).names == ("d",)
    assert pages.turned(["a", "b", "c"], 2, -5) == FIRST_PAGE
    assert FIRST_PAGE.page([], 2)[:3] == ((), 0, 0)


def test_a_page_says_that_others_are_not_shown() -> None:
    names = ["loss", "recall 1", "recall 2"]
    assert Pages().page(names, 3).label == ""
    assert Pages().page(names, 2).label == "1 of 2"
    assert Pages(words="rec").page(names[1:], 2).label == "only rec"
    assert Pages(words="rec").page(names[1:], 1).label == "only rec 1 of 2"


def test_words_of_a_filter() -> None:
    assert has_words("learning_rate", "Rate LEARN")
    assert has_words("learning_rate", "ng ra")
    assert has_words("anything", " ")
    assert not has_words("learning_rate", "rate loss")
    assert FIRST_PAGE.filtered("  a   b ").words == "a b"


def trained(epochs: int = 3, **metrics: float) -> RunState:
    maker = EventMaker("run")
    state = RunState("run")
    state.apply(maker.run_started("lstm", 20))
    for epoch in range(1, epochs + 1):
        state.apply(maker.epoch())
        if metrics:
            state.apply(maker.metrics(epoch, **metrics))
    return state


def test_charts_in_order_and_of_any_metric() -> None:
    state = trained(gradient_norm=1.0, train__perplexity=3.0, validation__perplexity=4.0, odd=1.0)
    metrics = [group.metric for group in groups_of(state)]
    assert metrics[:6] == ["loss", "accuracy", "learning_rate", "macro_f1", "names_per_second", "gradient_norm"]
    assert metrics[6:8] == ["perplexity", "odd"]
    assert set(metrics[8:]) == {"recall"}
    assert [group.metric for group in groups_of(RunState("new"))] == ["loss", "accuracy"]


def test_recall_of_all_classes_is_shown_the_commonest_first_and_found_by_name() -> None:
    state = trained()
    recall = [group for group in groups_of(state) if group.labels]
    assert sorted(label for group in recall for label in group.labels) == [0, 1, 2]
    assert all(len(group.labels) <= PER_CHART for group in recall)
    assert [group.labels for group in groups_of(state, "kirik")] == [(1,)]
    assert [group.metric for group in groups_of(state, "train accuracy")] == ["accuracy"]
    assert groups_of(state, "no such thing") == []


def test_recall_lies_where_its_epochs_do_on_every_axis() -> None:
    state = trained()
    (group,) = [group for group in groups_of(state) if group.labels]
    recalls = Recalls((1, 3), ((0.1, 0.2, None), (0.4, 0.5, 0.6)))
    for axis in ("epoch", "step", "time", "elapsed"):
        chart = chart_of_group(state, group, recalls, axis)
        train = chart_of_group(state, groups_of(state)[0], recalls, axis).series[0]
        for one, label in zip(chart.series, group.labels, strict=True):
            assert list(one.xs) == [train.xs[0], train.xs[2]], axis
            assert list(one.ys) == [recalls.values[0][label], recalls.values[1][label]]


def test_the_cursor_stands_on_epochs_or_on_the_steps_that_a_loop_has_logged() -> None:
    assert epochs_of(RunState("new")) == Epochs()
    assert epochs_of(trained(5)) == Epochs(1, 5)
    maker, state = EventMaker("run"), RunState("run")
    for step in (10, 20, 35):
        state.apply(maker.metrics(0, step, loss=1.0))
    epochs = epochs_of(state)
    assert epochs == Epochs(10, 35, (10, 20, 35))
    view = epochs.moved(ALL_LIVE, -1)
    assert view.cursor == 20
    assert epochs.moved(view, 1).cursor == 35
    assert epochs.moved(ChartView(cursor=15), 1).cursor == 20
    assert epochs.moved(ChartView(cursor=15), -1).cursor == 10
    assert epochs.moved(ALL_LIVE, 1).cursor is None


def test_how_charts_are_looked_at_is_kept_and_nonsense_is_not(store: RunStore) -> None:
    looks = Looks(
        ChartView("elapsed", 0.9, log_y=True, outliers=False, span=(1, 2), cursor=7), Pages("macro_f1", "a b")
    )
    store.write_session(ScreenSession(charts=looks.kept()))
    again = Looks.of(store.read_session().charts)
    assert again == Looks(ChartView("elapsed", 0.9, log_y=True, outliers=False), Pages("macro_f1", "a b"))
    assert Looks.of(ChartsSession(x_axis="moon", smoothing=7.0)) == Looks()
    # a session of an older namestui has none of it
    store.session_file.write_text('{"runs": [], "theme": "x", "percent": true}', encoding="utf-8")
    assert store.read_session().charts == ChartsSession()
    assert store.read_session().percent
