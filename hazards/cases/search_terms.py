"""What a case is found by."""

import re

from hazards.cases.case_numbers import spelled_number
from yuanhang.core.text import folded, trimmed

QUERY_MAX = 60  # characters; nobody looks for a longer text, and each word costs a condition

# Where one word ends; a dot, a dash or a slash may be inside one (2-1 号, 3.5 米).
BETWEEN_WORDS = re.compile(r"[\s,;!?()\[\]<>、。《》「」“”…|]+")


def search_terms(*texts):
    """The single characters and pairs of neighbours in texts, so any two characters find a case.

    Chinese has no spaces between words; pairs in an index need no dictionary.
    """
    terms = set()
    for text in texts:
        for run in "".join(c if c.isalnum() else " " for c in folded(text or "")).split():
            terms.update(run)
            terms.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(terms)


def query_words(query):
    """The words of a query, folded and bare of punctuation; a case number as we write it.

    None when nobody can be meant by it: a text too long, or nothing that the index knows.
    """
    text = folded(query)
    if len(text) > QUERY_MAX:
        return None
    words = [word for part in BETWEEN_WORDS.split(text) if (word := trimmed(part))]
    if text.strip() and not any(search_terms(word) for word in words):
        return None
    return [folded(spelled_number(word) or word) for word in words]
