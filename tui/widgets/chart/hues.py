"""Which hue a curve has: the same for the same part of the data, or the same run, in every chart."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args
from zlib import crc32

Role = Literal["train", "validation", "third", "fourth", "fifth", "sixth", "reference"]
"""What a curve stands for, which decides its hue and its stroke."""

ROLES: tuple[Role, ...] = get_args(Role)
_OTHERS: tuple[Role, ...] = ROLES[2:-1]

# The theme's tints are matched to greys in 16 colours; these are rich's own, on light and on dark, so that each is
# matched to itself.
SIXTEEN: dict[Role, tuple[str, str]] = {
    "train": ("#0000aa", "#5555ff"),
    "validation": ("#aa5500", "#ffff55"),
    "third": ("#00aa00", "#55ff55"),
    "fourth": ("#aa0000", "#ff5555"),
    "fifth": ("#00aaaa", "#55ffff"),
    "sixth": ("#000000", "#ffffff"),
}

# After Okabe and Ito (https://jfly.uni-koeln.de/color/), which the colour-blind tell apart; lighter and darker, and
# with four more that differ in lightness. On light, on dark, and the same in rich's 16 colours.
_RUN_HUES = (
    ("#0072b2", "#56b4e9", "#0000aa", "#5555ff"),
    ("#b36b00", "#e69f00", "#aa5500", "#ffff55"),
    ("#00795a", "#2fc79a", "#00aa00", "#55ff55"),
    ("#c0440c", "#ff7a45", "#aa0000", "#ff5555"),
    ("#a3457c", "#e79ac6", "#aa00aa", "#ff55ff"),
    ("#00798a", "#38d3e0", "#00aaaa", "#55ffff"),
    ("#6b6600", "#f0e442", "#aa5500", "#aa5500"),
    ("#3a4fc0", "#8fa3ff", "#5555ff", "#0000aa"),
    ("#4f7a10", "#a3d15c", "#00aa00", "#00aa00"),
    ("#555555", "#c4c4c4", "#000000", "#ffffff"),
)


def run_hue(number: int, *, is_dark: bool, is_sixteen: bool = False) -> str:
    """The colour of run ``number`` (1, 2, …), as ``#rrggbb``: it depends on nothing else but the terminal.

    After ten they begin again: the number at the end of its line tells a run from another, as it does without colour.
    """
    hues = _RUN_HUES[(number - 1) % len(_RUN_HUES)]
    return hues[2 * is_sixteen + is_dark]


def role_of(part: str, taken: Collection[Role | int] = ()) -> Role:
    """The role of a part such as ``train``, ``validation`` or any other; by its name alone, unless that is taken.

    A metric that is of no part has the hue of what is measured, not trained.
    """
    if part in ("train", "validation"):
        return "train" if part == "train" else "validation"
    if not part:
        return "validation"
    first = crc32(part.encode()) % len(_OTHERS)
    preferred = _OTHERS[first:] + _OTHERS[:first]
    return next((role for role in preferred if role not in taken), preferred[0])


def stroke_of(role: Role | int) -> int:
    """Which of a pen's strokes it is drawn with where no colour tells curves apart."""
    return role - 1 if isinstance(role, int) else ROLES.index(role)
