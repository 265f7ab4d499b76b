"""The styles of a confusion matrix in the theme, and on the terminal, that it is drawn in."""

from __future__ import annotations

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from namestui.tui.widgets.matrix.colours import COLOUR_BLIND, PALETTE_VARIABLE, STANDARD, known, shades
from namestui.tui.widgets.matrix.picture import Look

PARTS = ("label", "corner", "zero", "at", "cursor", "empty")
"""Component classes that are used as they are."""
HUES = {"correct": "#4ebf71", "error": "#d75f5f"}
"""Component classes that shades are made of, each with the hue where the theme leaves it to the terminal."""
CLASSES = {f"confusion-matrix--{name}" for name in (*PARTS, *HUES)}


def look_of(widget: Widget) -> Look:
    """What the components of ``widget`` (named as in `CLASSES`) look like now."""
    parts = {name: widget.get_component_rich_style(f"confusion-matrix--{name}") for name in PARTS}
    system = widget.app.console.color_system
    if system not in ("256", "truecolor"):
        # The accent may well be matched to the red or the green that cells have.
        parts["cursor"] = widget.rich_style + Style(bold=True, reverse=True)
    theme = widget.app.current_theme
    dark = theme.dark
    palette = COLOUR_BLIND if theme.variables.get(PALETTE_VARIABLE) else STANDARD
    background = known(widget.background_colors[1], "#121212" if dark else "#f0f0f0")
    ramps = []
    for kind, otherwise in HUES.items():
        of_theme = known(widget.get_component_styles(f"confusion-matrix--{kind}").color, otherwise)
        hue = Color.parse(palette.hues[kind]) if kind in palette.hues else of_theme
        ramps.append(shades(kind, hue, background, widget.rich_style, system, palette))
    return Look(parts, *ramps)
