"""Names as numbers: the position of each letter in the alphabet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import ALPHABET

OUTSIDE = 255
"""What stands for a byte that is no symbol of the alphabet."""

_CODES = np.full(256, OUTSIDE, dtype=np.uint8)
_CODES[np.frombuffer(ALPHABET.encode(), dtype=np.uint8)] = np.arange(len(ALPHABET), dtype=np.uint8)


def encode_names(names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Codes of names that all have the same length T: an array (len(names), T) of alphabet positions.

    Raises:
        ValueError: names of different lengths, or a character outside the alphabet.
    """
    length = len(names[0])
    if any(len(name) != length for name in names):
        raise ValueError("encode_names takes names of one length")
    try:
        ascii_codes = np.frombuffer("".join(names).encode("ascii"), dtype=np.uint8)
    except UnicodeEncodeError as error:
        raise ValueError(f"{error.object[error.start]!r} is outside the alphabet") from None
    codes = codes_of_bytes(ascii_codes)
    if (codes == OUTSIDE).any():
        raise ValueError(f"{chr(ascii_codes[codes == OUTSIDE][0])!r} is outside the alphabet")
    return codes.reshape(len(names), length)


def codes_of_bytes(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The alphabet position of every byte, `OUTSIDE` where it has none."""
    return _CODES[text]
