"""Which hue a curve has: the same for the same part of the data in every chart, whatever else stands beside it."""

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


def role_of(part: str, taken: Collection[Role] = ()) -> Role:
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


def stroke_of(role: Role) -> int:
    """Which of a pen's strokes it is drawn with where no colour tells curves apart."""
    return ROLES.index(role)
