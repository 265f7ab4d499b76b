"""What every open run takes a name for: the five likeliest languages with bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from namestui.tui.state.name_question import Answer, Share
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.words.format import percent

TOP = 5


def bar(share: float, width: int, glyphs: Glyphs = UNICODE) -> str:
    """``share`` (0 to 1) of ``width`` cells, drawn in eighths of a cell where there are characters for them."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    return (glyphs.eighths[8] * (eighths // 8) + glyphs.eighths[eighths % 8].strip()).ljust(width)


class Predictions(Widget):
    """A line a run where room is short, else a block of five lines a run, two blocks side by side."""

    DEFAULT_CSS = """
    Predictions { height: 1fr; }
    Predictions > .predictions--title { text-style: bold; }
    Predictions > .predictions--first { color: $text-success; }
    Predictions > .predictions--other { color: $foreground 70%; }
    Predictions > .predictions--remark { color: $foreground 60%; }
    """
    COMPONENT_CLASSES = {
        "predictions--title",
        "predictions--first",
        "predictions--other",
        "predictions--remark",
    }

    def __init__(self, *, empty: str, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self._empty = empty
        self._glyphs = glyphs
        self._answers: tuple[Answer, ...] = ()
        self._shown = 0

    def show(self, answers: Sequence[Answer], shown: int = 0) -> None:
        """Show these; where not all fit, the one with index ``shown`` is among them.

        Nothing is repainted where they are the same.
        """
        if (tuple(answers), shown) != (self._answers, self._shown):
            self._answers, self._shown = tuple(answers), shown
            self.refresh()

    async def on_click(self) -> None:
        """Lead to the prompt, as the key does."""
        await self.run_action("screen.predict")

    def reads(self) -> str:
        """What is copied: the shown run's answer in a line."""
        if not self._answers:
            return ""
        answer = self._answers[min(self._shown, len(self._answers) - 1)]
        shares = [f"{one.label} {_percent(one.probability)}" for one in answer.shares[:TOP]]
        return f"{answer.title}: {', '.join(shares) or answer.remark}"

    def render(self) -> Content:
        """All answers, in the form that fits."""
        if not self._answers:
            return Content.styled(self._empty, self._style("remark"))
        width, height = self.size
        blocks = [self._answers[i : i + 2] for i in range(0, len(self._answers), 2)]
        if height >= len(blocks) * (TOP + 2):
            return Content("\n\n").join(self._side_by_side(pair, width) for pair in blocks)
        if height >= len(self._answers):
            return Content("\n").join(self._line(answer, width) for answer in self._answers)
        fitting = max(height - 1, 1)
        first = min(max(self._shown - fitting + 1, 0), len(self._answers) - fitting)
        lines = [self._line(answer, width) for answer in self._answers[first : first + fitting]]
        more = f"and {len(self._answers) - fitting} more: a higher terminal shows them"
        return Content("\n").join([*lines, Content.styled(more, self._style("remark"))])

    def _line(self, answer: Answer, width: int) -> Content:
        name = max(cell_len(one.title) for one in self._answers)
        title = Content.styled(set_cell_size(answer.title, name), self._style("title"))
        if not answer.shares:
            return Content.assemble(title, "  ", (answer.remark, self._style("remark")))
        room = max(width - name, 0)
        shown = min(TOP, len(answer.shares), max(1, room // 21))
        cells = [self._cell(one, room // shown, first=i == 0) for i, one in enumerate(answer.shares[:shown])]
        return Content.assemble(title, *cells)

    def _side_by_side(self, pair: Sequence[Answer], width: int) -> Content:
        room = width // 2
        columns = [self._block(answer, room) for answer in pair]
        return Content("\n").join(Content("").join(rows) for rows in zip(*columns, strict=True))

    def _block(self, answer: Answer, room: int) -> list[Content]:
        rows = [Content.styled(set_cell_size(f" {answer.title}", room), self._style("title"))]
        if answer.remark and not answer.shares:
            rows.append(Content.styled(set_cell_size(f" {answer.remark}", room), self._style("remark")))
        rows += [self._cell(one, room, first=i == 0) for i, one in enumerate(answer.shares[:TOP])]
        return rows + [Content(" " * room)] * (TOP + 1 - len(rows))

    def _cell(self, one: Share, room: int, *, first: bool) -> Content:
        """`` Japanese   ██████▏ 97.1%`` in exactly ``room`` cells, where there is room for it."""
        label = set_cell_size(one.label, 10)
        length = max(room - 19, 2)
        text = f" {label} {bar(one.probability, length, self._glyphs)} {_percent(one.probability):>6}"
        return Content.styled(set_cell_size(text, room), self._style("first" if first else "other"))

    def _style(self, part: str) -> Style:
        return self.get_visual_style(f"predictions--{part}", partial=True)


def _percent(share: float) -> str:
    """``97.1%``; what is not all, or not nothing, is not rounded to it."""
    return "100%" if share == 1 else percent(share).replace(" ", "")
