"""What a case is found by."""


def search_terms(*texts):
    """The single characters and pairs of neighbours in texts, so any two characters find a case.

    Chinese has no spaces between words; pairs in an index need no dictionary.
    """
    terms = set()
    for text in texts:
        for run in "".join(c.lower() if c.isalnum() else " " for c in text or "").split():
            terms.update(run)
            terms.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(terms)
