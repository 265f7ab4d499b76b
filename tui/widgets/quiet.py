"""Repaint no more of a widget than what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

_NO_BORDER = ("", "none", "hidden")


class QuietWidget(Widget):
    """A widget that draws by lines, and repaints single lines or one border title alone.

    Textual repaints a whole widget when one of its border titles is set, which over a slow connection costs
    more than all the rest of a cursor's move.
    """

    _held = False
    _title = Content("")
    _subtitle = Content("")

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As `Widget.refresh`, but not while a border title is being set."""
        if not self._held:
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def set_titles(self, title: Content, subtitle: Content) -> None:
        """Put `title` in the top border and `subtitle` in the bottom one; repaint those that changed."""
        self._held = True
        try:
            if new_title := not title.is_same(self._title):
                self._title = title
                self.border_title = title if title.plain else None
            if new_subtitle := not subtitle.is_same(self._subtitle):
                self._subtitle = subtitle
                self.border_subtitle = subtitle if subtitle.plain else None
        finally:
            self._held = False
        if not self.has_border or not self.size:
            return
        gutter = self.gutter
        left, width = -int(gutter.left), int(self.outer_size.width)
        if new_title:
            self.refresh(Region(left, -int(gutter.top), width, 1))
        if new_subtitle:
            self.refresh(Region(left, int(self.size.height + gutter.bottom) - 1, width, 1))

    def refresh_rows(self, rows: Iterable[int]) -> None:
        """Repaint these content rows, 0 at the top."""
        width, height = self.size
        # A numpy integer in a Region crashes the compositor.
        regions = [Region(0, int(row), int(width), 1) for row in rows if 0 <= row < height]
        if regions:
            self.refresh(*regions)

    @property
    def has_border(self) -> bool:
        """Whether there are a top and a bottom border, in which titles can be read."""
        return self.styles.border_top[0] not in _NO_BORDER and self.styles.border_bottom[0] not in _NO_BORDER


def changed_rows(before: list[Strip], after: list[Strip]) -> list[int]:
    """The indices of rows that differ, or of all rows where the number of rows differs."""
    if len(before) != len(after):
        return list(range(len(after)))
    return [row for row, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]


def centred(text: str, width: int, height: int, style: Style) -> list[Strip]:
    """`text`, wrapped, in the middle of `height` lines of `width` cells."""
    wrapped = Content(text).wrap(max(1, width - 2)) if text else []
    lines = [line.plain.strip() for line in wrapped][:height]
    lines = [""] * ((height - len(lines)) // 2) + lines
    lines += [""] * (height - len(lines))
    return [Strip([Segment(line.center(width), style)]).adjust_cell_length(width, style) for line in lines]
