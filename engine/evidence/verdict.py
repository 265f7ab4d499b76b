"""The verdict on two networks: sentences that are computed from the evidence, and say nothing beyond it."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.engine.evidence.comparison import Comparison, Reach, Side
from namestui.engine.evidence.probes import LENGTHS, REACH
from namestui.runs.models import MODELS

VANISHED = 0.1
"""Below this share of the last letter's gradient, the first letter's counts as vanished; contributions likewise."""
NEAR = 3
"""Letters from the end that count as near."""
USUAL = "The usual explanation (vanishing gradients, long-range memory)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; whether it ``supports`` the usual explanation (None: it does not decide that) and the
    ``measure`` that it rests on."""

    text: str
    measure: str = ""
    supports: bool | None = None


def verdict(found: Comparison) -> list[str]:
    """The verdict, a paragraph each; nothing is said that the numbers do not show."""
    better, other = found.better, found.other
    if found.low <= 0:
        return [
            f"On {len(found.lengths):,} validation names no difference is shown: the 95 % interval of "
            f"{better.title} minus {other.title}, {_points(found.low)} to {_points(found.high)}, includes 0."
        ]
    is_usual = MODELS[better.model].gated and MODELS[other.model].plain  # what the usual explanation is about
    findings = [
        Finding(
            f"{better.title} is better than {other.title} by {_points(found.advantage)} points "
            f"({_points(found.low)} to {_points(found.high)}, paired, {len(found.lengths):,} validation names)."
        ),
        _last_letters(found),
        _lengths(found),
        _start(better, other, is_usual=is_usual),
        _gradients(better, other, is_usual=is_usual),
        *(_memory(side) for side in (better, other) if side.probe.spectral_radius is not None),
        *(finding for side in (better, other) for finding in _gates(side)),
    ]
    lines = [finding.text for finding in findings if finding.text]
    if is_usual:
        lines += _in_all(findings)
    linear, bends = MODELS[other.model].additive, MODELS[better.model].recurrent and not MODELS[better.model].additive
    if linear and bends and not any(one.supports for one in findings):
        lines.append(
            "What these numbers leave to explain it is linearity: without a nonlinearity the report's RNN adds up one "
            "score a letter and position, and cannot weigh a letter by the letters beside it."
        )
    return lines


def _in_all(findings: list[Finding]) -> list[str]:
    """Which measures are for the usual explanation, and which are not."""
    pro = _listed([finding.measure for finding in findings if finding.supports is True])
    contra = _listed([finding.measure for finding in findings if finding.supports is False])
    if contra:
        return [f"{USUAL} is not supported by {contra}" + (f"; it is by {pro}." if pro else ".")]
    return [f"{USUAL} is supported by {pro}."] if pro else []


def _last_letters(found: Comparison) -> Finding:
    """How many last letters it takes for half of the advantage."""
    gains = {
        letters: accuracy - found.other.probe.by_suffix[letters]
        for letters, accuracy in found.better.probe.by_suffix.items()
    }
    measure = "accuracy on the last letters"
    nearest = next((letters for letters, gain in gains.items() if gain >= found.advantage / 2), None)
    near = f"shown only the last {NEAR} the difference is {_points(gains[NEAR])}"
    most = max(gains)
    if nearest is None:
        text = f"Letters further back than {most} matter: {near}, with the last {most} not yet half of it."
        return Finding(text, measure, supports=True)
    if nearest <= NEAR:
        alone = f"the last {nearest} letters are" if nearest > 1 else "the last letter is"
        text = f"Long-range memory is not needed for half of that: {alone} enough; {near}, with the last {most} "
        return Finding(f"{text}{_points(gains[most])}.", measure, supports=False)
    text = f"Letters further back matter: it takes the last {nearest} letters for half of that; {near}."
    return Finding(text, measure, supports=True)


def _lengths(found: Comparison) -> Finding:
    parts = []
    for low, high in LENGTHS:
        chosen = (found.lengths >= low) & (found.lengths <= high)
        if chosen.any():
            gain = float(found.better.probe.correct[chosen].mean() - found.other.probe.correct[chosen].mean())
            parts.append((gain, band(low, high)))
    most = max(parts)
    return Finding(f"The advantage is largest for names of {most[1]} letters: {_points(most[0])} points.")


def _start(better: Side, other: Side, *, is_usual: bool) -> Finding:
    """Whether the gradient reached back before the first step, and after the first epoch; what that says of the usual
    explanation where it ``is_usual`` to give it for such a pair."""
    measure = "the gradients after one epoch"
    pairs = [(side, side.untrained, side.first()) for side in (better, other)]
    known = [
        (side, before.far, after.far)
        for side, before, after in pairs
        if before.far is not None and after is not None and after.far is not None
    ]
    if len(known) < 2:
        return Finding("")
    shown = "; ".join(f"{side.title} {before:.2g}, then {after:.2g}" for side, before, after in known)
    text = f"Gradient at the {REACH}th letter from the end, as a share of the last's, untrained, then after an epoch"
    text = f"{text}: {shown}."
    late = [side for side, _, after in known if after < VANISHED]
    if late and not is_usual:
        them = " and ".join(side.title for side in late)
        return Finding(f"{text} After an epoch that of {them} is vanished.")
    if late == [other]:
        text = f"{text} The usual explanation is supported there: {other.title}'s vanishes{_until(other)}."
        return Finding(text, measure, supports=True)
    if late:
        them = "both vanish" if len(late) == 2 else f"{better.title}'s vanishes"
        text = f"{text} That does not support the usual explanation: after an epoch {them}."
        return Finding(text, measure, supports=False)
    vanished = [side.title for side, before, _ in known if before < VANISHED]
    begins = "After"
    if vanished:
        begins = f"{' and '.join(vanished)} {'begin' if len(vanished) > 1 else 'begins'} with a vanished one, but after"
    least = min(reach.far for reach in other.trained() if reach.far is not None)
    says = ": that does not support the usual explanation" if is_usual else ""
    return Finding(
        f"{text} {begins} one epoch none is vanished{says}. The "
        f"least of {other.title}'s in {len(other.trained())} probes after an epoch is {least:.2g}.",
        measure,
        supports=False if is_usual else None,
    )


def _until(side: Side) -> str:
    """From when on the gradient reaches back, as the end of a sentence."""
    there = next((reach for reach in side.trained() if reach.far is not None and reach.far >= VANISHED), None)
    return " at every probe" if there is None else f", but no longer at epoch {there.epoch}"


def _gradients(better: Side, other: Side, *, is_usual: bool) -> Finding:
    """Whether it reaches back with the best weights; as ``_start``."""
    measure = "the gradients of the best weights"
    known = [
        (side, side.best.far, side.untrained.far)
        for side in (better, other)
        if side.best.far is not None and side.untrained.far is not None
    ]
    if not known:
        return Finding(f"How far back gradients reach was not measured: no steps, or no name of {REACH} letters.")
    shown = "; ".join(f"{side.title} {best:.2g} (untrained {before:.2g})" for side, best, before in known)
    vanished = [side for side, best, _ in known if best < VANISHED]
    there = f"At the {REACH}th letter from the end: {shown}."
    if not is_usual:
        them = " and ".join(side.title for side in vanished)
        return Finding(f"With the best weights {f'that of {them}' if them else 'no gradient'} vanishes. {there}")
    if vanished == [other] and len(known) == 2:
        text = f"The usual explanation is supported: {other.title}'s gradient vanishes. {there}"
        return Finding(text, measure, supports=True)
    why = "once trained, none vanishes"
    if vanished:
        both = "both vanish" if len(vanished) == 2 else "only one of the two was measured"
        why = f"it is {better.title}'s that vanishes" if vanished == [better] else both
    text = f"Vanishing gradients are not supported as the reason: {why}. {there}"
    return Finding(text, measure, supports=False if len(known) == 2 else None)


def _memory(side: Side) -> Finding:
    """Whether what a plain RNN carries fades, and whether what its letters add does."""
    radius = side.probe.spectral_radius or 0.0
    fades = "below 1, so its hidden state fades in the long run" if radius < 1 else "not below 1, so it need not fade"
    text = f"The spectral radius of {side.title} is {radius:.2f}, {fades}"
    known = [(distance, nats) for distance, nats in enumerate(side.probe.contributions) if nats is not None]
    if len(known) < 2 or not known[0][1]:
        return Finding(f"{text}.")
    distance, far = known[-1]
    share = far / known[0][1]
    dies = share < VANISHED
    text = (
        f"{text}; its last letter adds {known[0][1]:.2f} nats for or against the true class on average, the "
        f"{ordinal(distance + 1)} from the end {far:.2f}, {share:.0%} of that: contributions "
        + ("die out with distance, as the usual explanation has it." if dies else "do not die out with distance.")
    )
    return Finding(text, f"what {side.title}'s letters add by distance", supports=dies)


def _gates(side: Side) -> list[Finding]:
    """Whether what keeps the state, the forget gate or a GRU's update gate, is saturated."""
    findings = []
    for use in side.probe.gates:
        if not use.gate.startswith(("forget", "update")) or use.mean is None or use.open is None or use.shut is None:
            continue
        text = (
            f"The {use.gate} gate of {side.title} lets {use.mean:.0%} of the state through at a letter on average; "
            f"{use.open:.0%} of its activations are above .9, {use.shut:.0%} below .1: "
        )
        measure = f"the {use.gate} gate"
        if use.open >= 0.5:
            findings.append(Finding(f"{text}most of it is open, and keeps what is there.", measure, supports=True))
        elif use.shut >= 0.5:
            findings.append(Finding(f"{text}most of it is shut, and forgets.", measure, supports=False))
        elif use.open + use.shut >= 0.5:
            findings.append(Finding(f"{text}most of it is saturated, open or shut."))
        else:
            findings.append(Finding(f"{text}most of it lies between, and neither keeps nor forgets."))
    return findings


def reaches(side: Side) -> list[tuple[str, Reach | None]]:
    """How far the gradient of ``side`` reached, from before training to its end."""
    return [
        ("untrained", side.untrained),
        ("after epoch 1", side.first()),
        ("best epoch", side.best),
        ("last epoch", side.last()),
    ]


def band(low: int, high: int) -> str:
    """``5-6``, ``12+``."""
    return f"{low}+" if high >= LENGTHS[-1][1] else f"{low}-{high}"


def ordinal(number: int) -> str:
    """``2nd``, ``11th``."""
    last = 0 if 10 < number % 100 < 20 else number % 10
    return f"{number}{('th', 'st', 'nd', 'rd')[last] if last < 4 else 'th'}"


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + "".join(words[-1:])


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
