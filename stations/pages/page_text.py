"""What staff typed as paragraphs, headings and lists, with telephone numbers set apart; no ORM."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from yuanhang.core.phones import find_numbers

HEADING, ITEM = "# ", "- "


@dataclass(frozen=True)
class Piece:
    """A piece of a line: its words and, where they are a telephone number, what is dialled."""

    words: str
    number: str = ""


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph or a list; `lines` are its lines, each in pieces."""

    kind: str  # heading, paragraph, list
    lines: list[list[Piece]]

    @property
    def html_lines(self) -> list[SafeString]:
        """The lines for a page: everything escaped, numbers as links that dial."""
        return [format_html_join("", "{}", ((_html(p),) for p in line)) for line in self.lines]


def _html(piece: Piece) -> str:
    if not piece.number:
        return piece.words
    return format_html('<a href="tel:{}">{}</a>', piece.number, piece.words)


def blocks_of(text: str, known: Collection[str]) -> list[Block]:
    """The blocks of a text; `known` are short numbers that count as telephone numbers."""
    blocks: list[Block] = []
    is_new = True
    for line in text.splitlines():
        line = line.strip()
        if not line:
            is_new = True
            continue
        kind = "paragraph"
        for mark, name in ((HEADING, "heading"), (ITEM, "list")):
            if line.startswith(mark):
                kind, line = name, line.removeprefix(mark).strip()
        joins = blocks and not is_new and blocks[-1].kind == kind and kind != "heading"
        if not joins:
            blocks.append(Block(kind, []))
        blocks[-1].lines.append(pieces_of(line, known))
        is_new = False
    return blocks


def pieces_of(line: str, known: Collection[str]) -> list[Piece]:
    """A line in pieces, its telephone numbers set apart."""
    found = [(one.start, one.end, one.number) for one in find_numbers(line)]
    if known:
        short = "|".join(re.escape(number) for number in sorted(known, key=len, reverse=True))
        for match in re.finditer(rf"(?<![\d-])(?:{short})(?![\d-])", line):
            found.append((match.start(), match.end(), match[0]))
    pieces, at = [], 0
    for start, end, number in sorted(found):
        if start < at:
            continue
        if start > at:
            pieces.append(Piece(line[at:start]))
        pieces.append(Piece(line[start:end], number))
        at = end
    if at < len(line):
        pieces.append(Piece(line[at:]))
    return pieces


def numbers_in(blocks: Collection[Block]) -> list[str]:
    """The telephone numbers of a text, each once, in the order they are named."""
    pieces = (piece for block in blocks for line in block.lines for piece in line)
    return list(dict.fromkeys(piece.number for piece in pieces if piece.number))
