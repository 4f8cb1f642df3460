"""Writes the transition tables into the READMEs of their apps, between markers.

    YUANHANG_ENV=test .venv/bin/python -m tests.transition_docs

tests/test_documents.py fails where a README says something else than the tables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.utils import translation

from yuanhang.core.transitions import NOTHING, SAME, Transition, TransitionTable

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- {name}: written by tests/transition_docs.py -->"
END = "<!-- end of {name} -->"


@dataclass(frozen=True)
class Life:
    """A table to be drawn: its name in the markers, its states, and where a row begins.

    `first` is the state of a new row, where no verb of the table makes it. `goes_back` names for
    each verb whose target is a function the verb that it undoes.
    """

    name: str
    table: TransitionTable
    states: Any
    first: str = ""
    goes_back: tuple[tuple[str, str], ...] = ()

    def targets(self, transition: Transition, source: str) -> tuple[str, ...]:
        """The states to which a transition may lead from one of its sources."""
        if callable(transition.target):
            return self.table[dict(self.goes_back)[transition.verb]].sources
        if isinstance(transition.target, tuple):
            return transition.target
        target = transition.target_from(None, source)
        return (source if source == SAME else target,)


def lives() -> dict[str, list[Life]]:
    """README to the lives it draws."""
    from hazards.cases.models.hazards import Hazard
    from hazards.cases.states import State
    from hazards.cases.transitions import TRANSITIONS
    from stations.complaints.models import Complaint
    from stations.complaints.transitions import COMPLAINTS
    from volunteers.activities.models.activities import Activity
    from volunteers.activities.models.signups import SignUp
    from volunteers.activities.transitions import ACTIVITIES, SIGNUPS
    from volunteers.errands.models import Errand
    from volunteers.errands.transitions import ERRANDS
    from volunteers.record.models.certificates import Certificate
    from volunteers.record.transitions import CERTIFICATES, REQUESTS, Answer
    from volunteers.searches.transitions import SEARCHES, Stage
    from volunteers.teams.transitions import MEMBERSHIPS, Standing
    from workers.aid.models import AidRequest
    from workers.aid.transitions import REQUESTS as AID
    from workers.help.models import HelpRequest
    from workers.help.transitions import HELP
    from workers.proofs.models import Proof
    from workers.proofs.transitions import PROOFS

    def first(model):
        return model._meta.get_field("state").default

    going_back = (("redo", "fix"), ("unmerge", "merge"), ("lead", "merge"))
    case = Life("case", TRANSITIONS, State, first(Hazard), going_back)
    return {
        "hazards/README.md": [case],
        "stations/README.md": [
            Life("complaint", COMPLAINTS, Complaint.State, first(Complaint)),
        ],
        "volunteers/README.md": [
            Life("activity", ACTIVITIES, Activity.State, first(Activity)),
            Life("sign-up", SIGNUPS, SignUp.State),
            Life("membership", MEMBERSHIPS, Standing),
            Life("certificate request", REQUESTS, Answer),
            Life("certificate", CERTIFICATES, Certificate.State),
            Life("errand", ERRANDS, Errand.State, first(Errand)),
            Life("search", SEARCHES, Stage),
        ],
        "workers/README.md": [
            Life("help", HELP, HelpRequest.State),
            Life("proof", PROOFS, Proof.State),
            Life("aid", AID, AidRequest.Stage),
        ],
    }


def moves(life: Life) -> Iterator[tuple[str, str, str]]:
    """(source, target, verb) of each move that changes the state."""
    for verb, transition in life.table.items():
        if transition.target == SAME:
            continue
        for source in transition.sources:
            for target in life.targets(transition, source):
                if source != target:
                    yield source, target, verb


def diagram(life: Life) -> list[str]:
    """The life as a Mermaid state diagram; verbs of one arrow share it."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for source, target, verb in moves(life):
        arrows.setdefault((source, target), []).append(verb)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.value} {state.label}" for state in life.states]
    if life.first:
        lines.append(f"    [*] --> {life.first}")
    for (source, target), verbs in arrows.items():
        begin = "[*]" if source == NOTHING else source
        lines.append(f"    {begin} --> {target}: {', '.join(verbs)}")
    return [*lines, "```"]


def rows(life: Life) -> list[str]:
    """The life as a table, one row a verb in the order of its buttons."""
    names_actors = any(transition.actors for transition in life.table.values())
    columns = ["verb", "from", "to", *(["by"] if names_actors else []), "who is told"]
    lines = [columns, ["---"] * len(columns)]
    for verb, transition in life.table.items():
        targets = dict.fromkeys(
            target for source in transition.sources for target in life.targets(transition, source)
        )
        lines.append(
            [
                f"`{verb}`",
                ", ".join(source.replace(NOTHING, "new") for source in transition.sources),
                "stays" if transition.target == SAME else ", ".join(targets),
                *([actors(transition)] if names_actors else []),
                ", ".join(transition.notifies) or "–",
            ]
        )
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def actors(transition: Transition) -> str:
    """Who may, and where single states narrow it: `access.py` decides where the table does not."""
    words = [", ".join(transition.actors) or "see `access.py`"]
    words += [f"in {state} only {', '.join(who)}" for state, who in transition.only.items()]
    return "; ".join(words)


def block(life: Life) -> str:
    """What stands between the markers of a life, with them."""
    with translation.override(settings.LANGUAGE_CODE):
        body = [*diagram(life), "", *rows(life)]
    return "\n".join([BEGIN.format(name=life.name), *body, END.format(name=life.name)])


def written(text: str, life: Life) -> str:
    """A README's text with the block of a life in its place. Raises ValueError without markers."""
    begin, end = (re.escape(mark.format(name=life.name)) for mark in (BEGIN, END))
    found = re.compile(f"{begin}.*?{end}", re.DOTALL)
    if not found.search(text):
        raise ValueError(f"no markers for {life.name}")
    return found.sub(lambda _match: block(life), text)


def write() -> None:
    """Bring all READMEs up to date."""
    for name, drawn in lives().items():
        path = ROOT / name
        text = path.read_text()
        for life in drawn:
            text = written(text, life)
        path.write_text(text)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    django.setup()
    write()
