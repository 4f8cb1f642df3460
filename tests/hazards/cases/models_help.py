"""What the tests of models share."""

from hazards.cases.models.hazards import Hazard


def numbers(words):
    return set(Hazard.objects.matching(words).values_list("description", flat=True))
