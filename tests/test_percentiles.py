"""Between which values most of what is shown lies: NumPy's percentiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.state.percentiles import percentiles

counted = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 40)), min_size=1, max_size=80)


@given(values=counted, share=st.floats(0, 1) | st.sampled_from([0.01, 0.99, 0.0, 1.0]))
def test_they_are_those_of_all_values_written_out(values: list[tuple[float, int]], share: float) -> None:
    everything = np.repeat([value for value, _ in values], [count for _, count in values])
    assert percentiles(values, [share])[0] == pytest.approx(np.percentile(everything, 100 * share), rel=1e-6, abs=1e-3)


def test_one_spike_among_many_values_is_left_out_and_one_value_is_its_own_limits() -> None:
    low, high = percentiles([*((float(at % 10), 1) for at in range(1000)), (1e6, 1)], (0.01, 0.99))
    assert (low, high) == (0.0, 9.0)
    assert percentiles([(3.0, 1)], (0.01, 0.99)) == [3.0, 3.0]
