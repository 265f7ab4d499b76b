"""Which runs are wanted: words and conditions, such as ``model:lstm best>.8 -tag:old "two words"``. All must hold.

* A word, or a ``"quoted text"``, is found in any part of a row, in any case.
* A condition is a field or a setting, ``:`` or ``=`` or ``!=`` or ``<`` or ``>`` or ``<=`` or ``>=``, and a value. Of
  several values apart by commas one must be equal: ``model:lstm,gru``. Names, notes, corpora, hosts and ids are found
  by a part with ``:`` and as a whole with ``=``; every other text only as a whole.
* Values: ``80%``, ``30s 5min 3h 2d``, ``500kB 3MB``, ``2026-11-26``, ``today``; a date means all of that day.
* ``-`` before a word or a condition: it must not hold. A run that has no such value fulfils no condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from namestui.runs.differences import settings_text
from namestui.runs.filter_values import FilterError, Interval, interval
from namestui.runs.run_fields import Field, Kind, UnknownFieldError, field_named
from namestui.runs.suggest import suggest
from namestui.runs.summary import Summary
from namestui.runs.text import inert

_CONDITION = re.compile(r"([^\W\d][\w-]*)(!=|>=|<=|[:=<>])")


Test = Callable[[Summary, str], bool]
"""Whether a run, whose `searched_text` is the second argument, fulfils one part of a filter."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """All parts of a filter."""

    tests: tuple[Test, ...] = ()

    def matches(self, run: Summary, text: str | None = None) -> bool:
        """Whether ``run`` fulfils all parts; ``text`` is its `searched_text`, where that is known already."""
        text = searched_text(run) if text is None else text
        return all(test(run, text) for test in self.tests)


def parse_filter(text: str) -> RunFilter:
    """The filter that ``text`` describes; an empty one matches every run.

    Raises:
        FilterError: a field is unknown, a value is missing or does not fit, or a quotation mark is not closed.
    """
    return RunFilter(tuple(map(_test, tokens(text))))


def searched_text(run: Summary) -> str:
    """What words are looked for in: whatever of the run can be read in a list, in small letters."""
    parts = (
        *(run.run, run.model, run.state, f"{run.epoch}/{run.epochs}", run.host, run.corpus, run.split),
        *(settings_text(run.settings), run.error, run.held_up, run.name, *(f"#{tag}" for tag in run.tags), run.note),
    )
    return inert(" ".join(filter(None, parts))).casefold()


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a filter as it was written: without its quotation marks, of which ``plain`` characters stood before."""

    text: str
    plain: int

    def split(self, at: int) -> Token:
        """What follows the first ``at`` characters."""
        return Token(self.text[at:], max(self.plain - at, 0))


def tokens(text: str) -> list[Token]:
    """The parts of a filter, apart by blanks that are not between quotation marks.

    Raises:
        FilterError: a quotation mark is not closed.
    """
    found: list[Token] = []
    for match in re.finditer(r'(?:[^\s"]|"[^"]*")+|"', text):
        part = match.group()
        if part == '"':
            raise FilterError('a quotation mark is not closed: write "two words"')
        found.append(Token(part.replace('"', ""), len(part.partition('"')[0])))
    return found


def _test(token: Token) -> Test:
    is_negated = False
    while token.plain and token.text[0] == "-" and len(token.text) > 1:
        token, is_negated = token.split(1), not is_negated
    wanted = _plain_test(token)
    return (lambda run, text: not wanted(run, text)) if is_negated else wanted


def _plain_test(token: Token) -> Test:
    condition = _CONDITION.match(token.text, 0, token.plain)
    if condition is None:
        word = token.text.casefold()
        return lambda _, text: word in text
    name, sign = condition.groups()
    try:
        field = field_named(name)
    except UnknownFieldError as error:
        raise FilterError(f"{error}; to search for the text, put it in quotation marks") from None
    value = token.split(condition.end())
    if sign == "!=":
        equal = _condition(field, "=", value)
        return lambda run, _: not equal(run)
    holds = _condition(field, sign, value)
    return lambda run, _: holds(run)


def _condition(field: Field, sign: str, token: Token) -> Callable[[Summary], bool]:
    if not token.text:
        raise FilterError(f"{field.name}{sign} needs a value, such as {_example(field, sign)}")
    if field.is_text:
        return _text_condition(field, sign, token)
    if sign in ":=":
        return _any_number(field, [interval(field.kind, field.name, one) for one in _values(token)])
    compare = _COMPARE[sign]
    wanted = interval(field.kind, field.name, token.text)
    return lambda run: any(isinstance(value, int | float) and compare(value, wanted) for value in field.values(run))


def _values(token: Token) -> Sequence[str]:
    """The values of a list; what is quoted is one value."""
    return [token.text] if token.plain < len(token.text) else [one for one in token.text.split(",") if one] or [","]


def _text_condition(field: Field, sign: str, token: Token) -> Callable[[Summary], bool]:
    if sign in "<=>=" and sign != "=":
        raise FilterError(f"{field.name} is no number: compare it with : or = or !=")
    values = [one.casefold() for one in _values(token)]
    for one in values:
        if field.choices and one not in field.choices:
            raise FilterError(
                f"{field.name} is one of {', '.join(field.choices)}, not {inert(one)!r}{suggest(one, field.choices)}"
            )
    if field.kind is Kind.PART and sign == ":":
        return lambda run: any(one in str(value).casefold() for value in field.present(run) for one in values)
    return lambda run: any(str(value).casefold() in values for value in field.present(run))


def _any_number(field: Field, wanted: Sequence[Interval]) -> Callable[[Summary], bool]:
    return lambda run: any(
        isinstance(value, int | float) and one.holds(value) for value in field.values(run) for one in wanted
    )


_COMPARE: dict[str, Callable[[float, Interval], bool]] = {
    "<": lambda value, wanted: value < wanted.low and not wanted.holds(value),
    ">": lambda value, wanted: value > wanted.low and not wanted.holds(value),
    "<=": lambda value, wanted: value < wanted.low or wanted.holds(value),
    ">=": lambda value, wanted: value > wanted.low or wanted.holds(value),
}


def _example(field: Field, sign: str) -> str:
    examples = {
        **{Kind.SHARE: ".8", Kind.NUMBER: "10", Kind.DURATION: "2h", Kind.BYTES: "3MB", Kind.MOMENT: "2026-11-26"},
        **{Kind.PART: "word", Kind.WHOLE: field.choices[0] if field.choices else "word"},
    }
    return f"{field.name}{sign}{examples[field.kind]}"
