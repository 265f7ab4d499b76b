"""The colour-blind palette: the diagonal and the errors of a matrix, training and validation, told apart by anyone."""

from __future__ import annotations

import itertools
from typing import cast

import pytest
from rich.style import Style
from textual.color import Color, Lab, rgb_to_lab

from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunStore
from namestui.tui.screen.app import NamesApp
from namestui.tui.screen.themes import DARK, DARK_COLOUR_BLIND, LIGHT, LIGHT_COLOUR_BLIND, THEMES
from namestui.tui.state.config_file import parse
from namestui.tui.widgets.matrix.colours import COLOUR_BLIND, STANDARD, Palette, shades
from tests.screen_stage import on_stage
from tests.test_user_config import FILE

# What is left of a linear RGB colour without one kind of cones (Machado, Oliveira, Fernandes 2009, severity 1).
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
ENOUGH = 25.0
"""Distance in Lab (CIE 1976) of two colours that nobody takes for each other."""


def seen(colour: Color, deficiency: str) -> Lab:
    linear = [(p / 255) / 12.92 if p <= 10 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in colour.rgb]
    rows = DEFICIENCIES[deficiency]
    mixed = [min(max(sum(w * p for w, p in zip(row, linear, strict=True)), 0.0), 1.0) for row in rows]
    parts = [12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in mixed]
    return rgb_to_lab(Color(*(round(255 * p) for p in parts)))


def distance(one: Color, other: Color, deficiency: str) -> float:
    first, second = seen(one, deficiency), seen(other, deficiency)
    return float(sum((a - b) ** 2 for a, b in ((first.L, second.L), (first.a, second.a), (first.b, second.b))) ** 0.5)


def strongest(palette: Palette, system: str, *, dark: bool) -> list[Color]:
    """The strongest shade of the diagonal, and that of the errors."""
    ground = Color.parse("#1e1e1e" if dark else "#e8e8e8")
    hues = {"correct": "#4ebf71", "error": "#d75f5f", **palette.hues}
    ramps = [shades(kind, Color.parse(hue), ground, Style(), system, palette) for kind, hue in hues.items()]
    return [Color.from_rich_color(ramp[-1].bgcolor) for ramp in ramps]


CASES = list(itertools.product(DEFICIENCIES, ("truecolor", "256", "standard"), (True, False)))


@pytest.mark.parametrize(("deficiency", "system", "dark"), CASES)
def test_diagonal_and_errors_differ_in_hue(deficiency: str, system: str, dark: bool) -> None:
    assert distance(*strongest(COLOUR_BLIND, system, dark=dark), deficiency) > ENOUGH


def test_the_standard_one_does_not_do_for_all() -> None:
    distances = [distance(*strongest(STANDARD, system, dark=dark), kind) for kind, system, dark in CASES]
    assert min(distances) < ENOUGH  # else nobody would need the other


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", [DARK_COLOUR_BLIND, LIGHT_COLOUR_BLIND], ids=lambda theme: theme.name)
def test_training_and_validation_differ(theme: object, deficiency: str) -> None:
    primary, warning = (Color.parse(cast(str, getattr(theme, name))) for name in ("primary", "warning"))
    assert distance(primary, warning, deficiency) > ENOUGH


@pytest.mark.parametrize("system", ["256", "standard"])
@pytest.mark.parametrize("kind", ["correct", "error"])
@pytest.mark.parametrize("dark", [True, False])
def test_a_larger_share_is_never_fainter(system: str, kind: str, dark: bool) -> None:
    ground = Color.parse("#1e1e1e" if dark else "#e8e8e8")
    ramp = shades(kind, ground, ground, Style(), system, COLOUR_BLIND)
    backs = [Color.from_rich_color(style.bgcolor).brightness for style in ramp if style.bgcolor is not None]
    assert backs == sorted(backs, reverse=not dark) and len(set(backs)) == len(backs)


@pytest.mark.parametrize(
    ("left", "text", "first"),
    [
        ("", "", DARK),
        (LIGHT.name, "", LIGHT),
        ("nord", "", None),
        ("nord", 'theme = "light"', LIGHT),
        (LIGHT.name, 'palette = "colour-blind"', LIGHT_COLOUR_BLIND),
        (LIGHT_COLOUR_BLIND.name, 'theme = "dark"', DARK_COLOUR_BLIND),
        (LIGHT_COLOUR_BLIND.name, 'palette = "standard"', LIGHT),
        ("", 'theme = "light"\npalette = "colour-blind"', LIGHT_COLOUR_BLIND),
        ("no such theme", 'theme = "lite"', DARK),
    ],
)
def test_the_file_decides_on_the_look_and_else_what_was_left(
    store: RunStore, left: str, text: str, first: object
) -> None:
    store.write_session(ScreenSession(theme=left))
    app = NamesApp(store, config=parse(text, FILE))
    assert app.theme == (getattr(first, "name", None) or left)


async def test_dark_and_light_are_of_one_palette(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.app.theme = DARK_COLOUR_BLIND.name
        for expected in (LIGHT_COLOUR_BLIND, DARK_COLOUR_BLIND):
            await stage.press("d")
            await stage.until(lambda name=expected.name: stage.app.theme == name, expected.name)  # type: ignore[misc]
        assert {theme.name for theme in THEMES} <= set(stage.app.available_themes)
