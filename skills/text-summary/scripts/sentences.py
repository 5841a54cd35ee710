"""Cuts plain text or Markdown into sentences."""

import re
from collections import namedtuple

# `opens_paragraph`: whether it is the first of its paragraph.
Sentence = namedtuple("Sentence", "text opens_paragraph")

_FENCE = re.compile(r"^\s*(```|~~~)")
_NOT_PROSE = re.compile(r"^\s*(#{1,6}\s|\||[-=*_]{3,}\s*$|<!--|\[[^\]]+\]:\s)")
_LIST_ITEM = re.compile(r"^\s*([-*+•]|\d{1,3}[.)])\s+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")

# A full stop is followed by white space, after closing quotes or brackets; CJK marks stand alone.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”]*")
_ABBREVIATIONS = frozenset("""
    mr mrs ms dr prof sr jr st vs etc eg ie cf al no vol fig eq sec ch pp ed eds inc ltd co corp
    approx dept est jan feb mar apr jun jul aug sep sept oct nov dec
    bzw ca dh evtl ggf inkl nr sog str tel usw vgl zb ziff abs art
    av bd env ex mme mlle mm p sra srta ud uds pág art
""".split())
_NEXT = re.compile(r"\s*(\S?)")
_LAST_WORD = re.compile(r"([\w.]+)\.$")


def split_sentences(text):
    found = []
    for paragraph in _paragraphs(text):
        opens = True
        for part in _split(paragraph):
            if any(character.isalnum() for character in part):
                found.append(Sentence(part, opens))
                opens = False
    return found


def _paragraphs(text):
    """Runs of prose lines joined by spaces; list items are paragraphs of their own."""
    lines, fence = [], None
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence or mark:
            if fence is None:
                fence = mark.group(1)
            elif mark and mark.group(1) == fence:
                fence = None
            is_prose = False
        else:
            is_prose = bool(line.strip()) and not _NOT_PROSE.match(line)
        item = is_prose and _LIST_ITEM.match(line)
        if lines and (item or not is_prose):
            yield _plain(" ".join(lines))
            lines = []
        if is_prose:
            lines.append((line[item.end():] if item else line.lstrip("> \t")).strip())
    if lines:
        yield _plain(" ".join(lines))


def _plain(paragraph):
    return _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", paragraph))


def _split(paragraph):
    start = 0
    for end in _END.finditer(paragraph):
        if _is_end(paragraph, start, end):
            yield paragraph[start:end.end()].strip()
            start = end.end()
    rest = paragraph[start:].strip()
    if rest:
        yield rest


def _is_end(paragraph, start, end):
    if end.group()[0] != ".":
        return True
    following = _NEXT.match(paragraph, end.end()).group(1)
    if following.islower():
        return False
    # Looks back a little only: a sentence may be as long as the text.
    last = _LAST_WORD.search(paragraph[max(start, end.start() - 20):end.start() + 1])
    if not last or end.group() != ".":
        return True
    word = last.group(1).replace(".", "").casefold()
    # Initials and ordinals (J. S. Bach, am 3. Mai) and the abbreviations above.
    is_initial = len(word) == 1 and word.isalpha()
    return not (is_initial or word in _ABBREVIATIONS or (word.isdigit() and len(word) <= 2))
