"""The one frame of charts and matrices: a border with title and legend, a text while empty, lines that are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from rich.segment import Segment
from rich.style import Style
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from namestui.tui.widgets.glyphs import UNICODE, Glyphs

_NO_BORDER = ("", "none", "hidden")


class QuietWidget(Widget):
    """A pane that is drawn by lines, and that repaints single lines or one border title alone.

    Textual repaints a whole widget when one of its border titles is set, which over a slow connection costs more than
    all the rest of a cursor's move. What a pane shows is said by three methods: ``titles``, ``key`` and ``picture``;
    whoever changes it calls ``update_picture``.
    """

    DEFAULT_CSS = """
    QuietWidget {
        width: 1fr; height: 1fr;
        border: round $foreground 25%;
        border-title-color: $foreground; border-title-background: transparent;
        border-subtitle-color: $foreground 70%; border-subtitle-background: transparent;
        &.-ascii { border: ascii $foreground 25%; }
    }
    """

    _held = False
    _title = Content("")
    _subtitle = Content("")

    def __init__(self, *, empty: str = "", glyphs: Glyphs = UNICODE, **kwargs: Any) -> None:
        """``empty`` is what an empty pane says: what will fill it, and how."""
        super().__init__(**kwargs)
        self.empty = empty
        self.glyphs = glyphs
        self._rows: list[Strip] = []
        self._drawn: object = None
        self.set_class(glyphs.is_ascii, "-ascii")

    def titles(self) -> tuple[Content, Content]:
        """What stands in the top border, and what in the bottom one."""
        raise NotImplementedError

    def key(self) -> object:
        """Everything but the size and the colours that decides the picture: equal keys, equal pictures."""
        raise NotImplementedError

    def picture(self, width: int, height: int) -> list[Strip]:
        """At most ``height`` lines of at most ``width`` cells, both at least 1."""
        raise NotImplementedError

    def update_picture(self) -> None:
        """Bring the picture up to date and repaint the lines that changed."""
        if not self.is_mounted:
            return
        self._set_titles(*self.titles())
        if not self.is_on_screen or not self._rows:
            self.refresh()  # nothing is drawn before someone looks
            return
        before = self._rows
        self._draw()
        self._refresh_rows(changed_rows(before, self._rows))

    def on_mount(self) -> None:
        """Write the titles, which need the theme's colours."""
        self.update_picture()

    def on_resize(self) -> None:
        """What is in view, and so the title, may depend on the size."""
        self.update_picture()

    def notify_style_update(self) -> None:
        """Draw again in the colours of a new theme, or of gained or lost focus."""
        super().notify_style_update()
        self._drawn = None
        if self.is_mounted:
            self.call_later(self._write_titles)  # the new colours are not there yet

    def render(self) -> RenderResult:
        """Nothing: the picture is drawn by lines."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of the content, exactly as wide as the content."""
        self._draw()
        width = self.size.width
        row = self._rows[y] if y < len(self._rows) else Strip.blank(width, self.rich_style)
        return row.adjust_cell_length(width, self.rich_style)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As `Widget.refresh`, but not while a border title is being set."""
        if not self._held:
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    @property
    def has_border(self) -> bool:
        """Whether there are a top and a bottom border, in which titles can be read."""
        return self.styles.border_top[0] not in _NO_BORDER and self.styles.border_bottom[0] not in _NO_BORDER

    def _draw(self) -> None:
        """Draw into ``_rows``, unless they already hold this at this size."""
        width, height = self.size
        key = (width, height, self.has_border, self.empty, self.key())
        if width and height and self._drawn != key:
            self._drawn = key
            self._rows = self.picture(width, height)

    def _write_titles(self) -> None:
        self._set_titles(*self.titles())

    def _set_titles(self, title: Content, subtitle: Content) -> None:
        """Put ``title`` in the top border and ``subtitle`` in the bottom one; repaint those that changed."""
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

    def _refresh_rows(self, rows: Iterable[int]) -> None:
        """Repaint these content rows, 0 at the top."""
        width, height = self.size
        # A numpy integer in a Region crashes the compositor.
        regions = [Region(0, int(row), int(width), 1) for row in rows if 0 <= row < height]
        if regions:
            self.refresh(*regions)


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
