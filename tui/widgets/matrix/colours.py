"""Backgrounds that say how large a share of its row a cell has, for every depth of colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

SHADES = 16
Ramps = Mapping[tuple[str, bool], tuple[str, ...]]
"""By kind (correct, error) and whether the theme is dark, shades from faint to strong."""
_FAINTEST = 0.14
_CURVE = 0.6

# Blended colours fall on few and greyish entries of the 256 colour cube (five for a green on #1e1e1e), so there
# the shades are chosen by hand, from faint to strong; the theme decides only whether they run up from dark or
# down from light. The colours are exact entries of the xterm cube, which the terminal's own palette leaves alone.
_CUBE: Ramps = {
    ("correct", True): ("#005f00", "#008700", "#5faf5f", "#5fd75f", "#87d787", "#afffaf"),
    ("error", True): ("#5f0000", "#870000", "#af0000", "#d75f5f", "#d78787", "#ffafaf"),
    ("correct", False): ("#d7ffd7", "#afd7af", "#87d787", "#5faf5f", "#008700", "#005f00"),
    ("error", False): ("#ffd7d7", "#ffafaf", "#ff8787", "#d75f5f", "#af0000", "#870000"),
}
# In 16 colours: coloured text on the plain background, then the two strengths of the colour behind black or
# white text. These are rich's own values, so that each is matched to itself.
_SIXTEEN = {"correct": ("#00aa00", "#55ff55"), "error": ("#aa0000", "#ff5555")}


@dataclass(frozen=True)
class Palette:
    """The colours of a matrix where it does not shade the hues of the theme, and those hues where it has its own."""

    cube: Ramps
    sixteen: Mapping[str, tuple[str, str]]
    hues: Mapping[str, str] = field(default_factory=dict)


STANDARD = Palette(_CUBE, _SIXTEEN)
COLOUR_BLIND = Palette(
    {
        ("correct", True): ("#00005f", "#005f87", "#0087af", "#0087d7", "#00afff", "#5fd7ff"),
        ("error", True): ("#3a3a3a", "#5f5f00", "#875f00", "#af5f00", "#d78700", "#ffaf00"),
        ("correct", False): ("#d7ffff", "#afd7ff", "#87d7ff", "#5fafff", "#0087d7", "#005faf"),
        ("error", False): ("#ffd7af", "#ffd787", "#ffaf5f", "#ff8700", "#d75f00", "#af5f00"),
    },
    {"correct": ("#0000aa", "#5555ff"), "error": ("#aa5500", "#ffff55")},
    {"correct": "#56b4e9", "error": "#e69f00"},
)
"""Blue and orange: told apart without red, green or blue cones."""
PALETTE_VARIABLE = "matrix-palette"
"""The variable of a theme that has the matrix drawn in `COLOUR_BLIND`."""


def shades(
    kind: str, hue: Color, background: Color, base: Style, system: str | None, palette: Palette = STANDARD
) -> list[Style]:
    """Styles from the faintest to the strongest shade of `kind` (correct or error).

    `system` is rich's colour system of the terminal: 16 shades of `hue` over `background` for truecolor, six for
    256, three for standard and windows (the faintest is `base` with coloured text), for None `base` alone.
    """
    dark = background.brightness < 0.5
    if system is None:
        return [base]
    if system == "256":
        return [on(Color.parse(value)) for value in palette.cube[kind, dark]]
    if system in ("standard", "windows"):
        normal, bright = (Color.parse(value) for value in palette.sixteen[kind])
        faint = base + Style(color=_rich(bright if dark else normal))
        return [faint, *(on(value) for value in ((normal, bright) if dark else (bright, normal)))]
    steps = (_FAINTEST + (1 - _FAINTEST) * step / (SHADES - 1) for step in range(SHADES))
    return [on(background.blend(hue, step)) for step in steps]


def shade_of(fraction: float, count: int) -> int:
    """Which of `count` shades, 0 the faintest, stands for a share > 0 of the row; small shares differ most."""
    return min(count - 1, int(min(max(fraction, 0.0), 1.0) ** _CURVE * count))


def on(background: Color) -> Style:
    """Black or white text, whichever is easier to read, on `background`."""
    light = _luminance(background)
    text = Color(255, 255, 255) if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else Color(0, 0, 0)
    return Style.from_color(_rich(text), _rich(background))


def known(colour: Color, otherwise: str) -> Color:
    """`colour`, or `otherwise` where it is one of the terminal's own, whose parts nobody knows."""
    return Color.parse(otherwise) if colour.ansi is not None else colour


def _rich(colour: Color) -> RichColor:
    return RichColor.from_rgb(*colour.rgb)


def _luminance(colour: Color) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    parts = (value / 255 for value in colour.rgb)
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
