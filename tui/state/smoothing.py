"""Smooth a curve by an exponential mean whose strength depends neither on its length nor on its sampling."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, isnan, nan

STEPS = 100
"""A value's weight falls by the factor ``strength`` over one of so many parts of the span."""


def smoothed(
    xs: Iterable[float], ys: Iterable[float], counts: Iterable[float], span: float, strength: float
) -> list[float]:
    """The debiased exponential mean of ``ys`` at every one of the ascending ``xs``; NaN where ``ys`` has a gap.

    The value at x_i is sum(w_j y_j) / sum(w_j) over all j <= i that are finite, with

        w_j = count_j * strength ** (STEPS * (x_i - x_j) / span)

    where ``count_j`` points went into the mean y_j. This is W&B's time weighted exponential moving average
    (https://docs.wandb.ai/guides/app/features/panels/line-plot/smoothing), whose division by the sum of the weights
    is the debiasing, with 100 steps a span in place of its 1,000 and the strength in place of its root: a curve of
    101 evenly spaced points comes out as TensorBoard smooths it. The strength, 0 to below 1, is thus a matter of
    what is seen: it is the same for 100 points and for the same curve of a million. A strength of 0 changes nothing.
    """
    if not strength > 0 or not span > 0 or not isfinite(span):
        return list(ys)
    total = weight = 0.0
    before = nan
    scale = STEPS / span
    found: list[float] = []
    for x, y, count in zip(xs, ys, counts, strict=True):
        if isnan(y):
            found.append(nan)
            continue
        fade = strength ** ((x - before) * scale) if weight else 0.0
        total = total * fade + y * count
        weight = weight * fade + count
        before = x
        found.append(total / weight)
    return found
