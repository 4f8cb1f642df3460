"""What the tests of case share."""

from hazards.cases.transitions import SYSTEM, TRANSITIONS, UNIT
from tests.factories.hazards import (
    fields,
    into,
    ready_for,
    report,
)


def prepared(town, verb, **fields):
    """A case of the rider's in the first state the verb starts from."""
    hazard = into(report(town.six, by=town.rider, **fields), TRANSITIONS[verb].sources[0], town)
    return ready_for(verb, hazard, town)


BY_HAND = sorted(
    verb for verb, move in TRANSITIONS.items() if move.actors not in ((SYSTEM,), (UNIT,))
)
# Moves that say nothing to the reporter, and leave no step.
WORDLESS = {"take", "release"}
# Corrections have one sentence, the reason.
NOTELESS = {"reassign", "recategorise", "restandard", "reprioritise"} | WORDLESS


def text_of(response):
    return response.content.decode()


def fields_of(verb, town):
    """Everything the verb's form asks for, but files."""
    special = {
        "accept": {"urgency": "1"},
        "reject": {"reason": "这是小区里面的事"},
        "dispatch": {"outside_number": "SZ-7"},
    }
    return fields(verb, town) | special.get(verb, {})
