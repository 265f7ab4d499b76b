"""The looks: blue for training, orange for validation everywhere, violet for focus alone; dark and light.

The colour-blind ones keep to the colours of Okabe and Ito (jfly.uni-koeln.de/color), which people without one kind of
cones tell apart, and draw the matrix in blue and orange instead of green and red.
"""

from __future__ import annotations

from textual.theme import Theme

from namestui.tui.state.config import Palette
from namestui.tui.widgets.matrix.colours import PALETTE_VARIABLE

DARK = Theme(
    name="namestui-dark",
    primary="#3a86c8",
    secondary="#4a6f8a",
    warning="#ffa62b",
    error="#d75f5f",
    success="#4ebf71",
    accent="#af87ff",
    foreground="#e0e0e0",
    background="#121212",
    surface="#1e1e1e",
    panel="#242424",
    dark=True,
)
LIGHT = Theme(
    name="namestui-light",
    primary="#005f87",
    secondary="#4a6f8a",
    warning="#af5f00",
    error="#af0000",
    success="#00873f",
    accent="#5f00af",
    foreground="#1c1c1c",
    background="#f5f5f5",
    surface="#e8e8e8",
    panel="#dcdcdc",
    dark=False,
)
_COLOUR_BLIND: Palette = "colour-blind"
DARK_COLOUR_BLIND = Theme(
    name=f"{DARK.name}-{_COLOUR_BLIND}",
    primary="#56b4e9",
    secondary="#f0e442",
    warning="#e69f00",
    error="#d55e00",
    success="#009e73",
    accent="#cc79a7",
    foreground=DARK.foreground,
    background=DARK.background,
    surface=DARK.surface,
    panel=DARK.panel,
    dark=True,
    variables={PALETTE_VARIABLE: _COLOUR_BLIND},
)
LIGHT_COLOUR_BLIND = Theme(
    name=f"{LIGHT.name}-{_COLOUR_BLIND}",
    primary="#0072b2",
    secondary="#7a7200",
    warning="#af5f00",
    error="#b03f00",
    success="#007a59",
    accent="#a04a7d",
    foreground=LIGHT.foreground,
    background=LIGHT.background,
    surface=LIGHT.surface,
    panel=LIGHT.panel,
    dark=False,
    variables={PALETTE_VARIABLE: _COLOUR_BLIND},
)
THEMES = (DARK, LIGHT, DARK_COLOUR_BLIND, LIGHT_COLOUR_BLIND)


def look(palette: Palette, *, dark: bool) -> Theme:
    """The dark or the light one of a palette."""
    if palette == _COLOUR_BLIND:
        return DARK_COLOUR_BLIND if dark else LIGHT_COLOUR_BLIND
    return DARK if dark else LIGHT


def palette_of(theme: Theme) -> Palette:
    """The palette of a theme; that of a theme of others is the standard one."""
    return _COLOUR_BLIND if theme.variables.get(PALETTE_VARIABLE) == _COLOUR_BLIND else "standard"
