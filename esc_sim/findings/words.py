"""What stands above and below a figure: the usual words, others, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Word = str | bool | None
"""None or True: as usual; False: nothing; a text: this."""

_TITLE: ContextVar[Word] = ContextVar("title", default=None)
_FOOTER: ContextVar[Word] = ContextVar("footer", default=None)


@contextmanager
def worded(title: Word, footer: Word) -> Iterator[None]:
    """Figures that are drawn inside have this title and this footer."""
    before = _TITLE.set(title), _FOOTER.set(footer)
    try:
        yield
    finally:
        _TITLE.reset(before[0])
        _FOOTER.reset(before[1])


def title_for(usual: str) -> str:
    """The title that a figure is to have; empty: none."""
    return _chosen(_TITLE.get(), usual)


def footer_for(usual: str) -> str:
    """The footer that a figure is to have; empty: none."""
    return _chosen(_FOOTER.get(), usual)


def _chosen(word: Word, usual: str) -> str:
    if isinstance(word, str):
        return word
    return "" if word is False else usual
