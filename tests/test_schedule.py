"""The learning rate against torch's own OneCycleLR."""

from __future__ import annotations

import pytest
import torch

from namestui.engine.training.schedule import WARM_UP, one_cycle


def torchs_rates(steps: int, peak: float) -> list[float]:
    """What OneCycleLR gives a step: from peak/25 to the peak to peak/25/4, which is peak/100."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak, total_steps=steps, pct_start=WARM_UP, div_factor=25, final_div_factor=4, cycle_momentum=False
    )
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return rates


@pytest.mark.parametrize("steps", [11, 12, 19, 20, 33, 100, 1001])
@pytest.mark.parametrize("peak", [1e-4, 0.01, 2.5])
def test_equal_to_torchs_at_every_step(steps: int, peak: float) -> None:
    found = [one_cycle(step, steps, peak) for step in range(steps)]
    assert found == pytest.approx(torchs_rates(steps, peak), rel=1e-9)
    assert found[0] == pytest.approx(peak / 25, rel=1e-9)
    assert found[-1] == pytest.approx(peak / 100, rel=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1000])
def test_beyond_the_last_step_the_rate_stays(steps: int) -> None:
    for step in (steps, steps + 1, 10 * steps, 10**9):
        assert one_cycle(step, steps, 0.5) == pytest.approx(0.005, rel=1e-9)


@pytest.mark.parametrize("steps", range(1, 11))
def test_very_short_runs_have_sensible_rates(steps: int) -> None:
    rates = [one_cycle(step, steps, 1.0) for step in range(steps)]
    assert all(0.01 <= rate <= 1.0 for rate in rates)
    assert rates == sorted(rates, reverse=True)
