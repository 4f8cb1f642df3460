"""What passers-by said of a case, and the one door to say it.

Their word informs whoever reviews and moves nothing: only the verbs of `hazards.cases` change a
case's state.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases import notifications
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.sightings.models import Sighting
from stations.postings.access import Viewer
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

# So many different people saying 还在 after closing, and the reviewer is asked to look again.
PEOPLE_TO_LOOK_AGAIN = 2


def phase(hazard: Hazard) -> dict[str, int | bool]:
    """The phase of the case that a word is about, as fields of `Sighting`."""
    return {"reopened": hazard.reopened, "after_closing": hazard.state == State.CLOSED}


def tally(hazard: Hazard) -> dict[str, int]:
    """{"still": people, "gone": people} of the present phase; a query, two once it is mended.

    What was said of a case before it was merged into this one counts here, and whoever spoke of
    both counts once, with the later word. Once somebody says that it is mended, only what came
    after that speaks of it as it is now, and a report made since and merged says 还在.
    """
    cases = Hazard.objects.filter(Q(pk=hazard.pk) | Q(main=hazard.pk)).values("pk")
    rows = Sighting.objects.filter(hazard__in=cases, **phase(hazard))
    followers: Iterable[Hazard] = ()
    if hazard.state == State.FIXED and hazard.fixed_at:
        followers = Hazard.objects.filter(main=hazard.pk, submitted_at__gt=hazard.fixed_at)
    return tally_of(hazard, rows, followers)


def tally_of(
    hazard: Hazard, words: Iterable[Sighting], followers: Iterable[Hazard]
) -> dict[str, int]:
    """The same of words at hand, of whatever phase, and of the cases merged into this one."""
    now = phase(hazard)
    heard = [word for word in words if {name: getattr(word, name) for name in now} == now]
    reports: list[tuple[Any, Any, str]] = []
    if hazard.state == State.FIXED and hazard.fixed_at:
        heard = [word for word in heard if word.at >= hazard.fixed_at]
        reports = [
            (case.submitted_at, case.reporter_id or f"report {case.pk}", Sighting.Says.STILL)
            for case in followers
            if case.submitted_at > hazard.fixed_at
        ]
    # An account that is gone has left its word: each such word is somebody's.
    spoken = [(word.at, word.by_id or f"word {word.pk}", word.says) for word in heard]
    spoken = sorted([*spoken, *reports], key=lambda word: word[0])
    found = Counter({who: says for _at, who, says in spoken}.values())
    return {"still": found[Sighting.Says.STILL], "gone": found[Sighting.Says.GONE]}


def speaks_for_looking_again(hazard: Hazard, words: dict[str, int]) -> bool:
    """Whether enough people say that a closed case is not."""
    return hazard.state == State.CLOSED and words["still"] >= PEOPLE_TO_LOOK_AGAIN


def words_of(user: Viewer, hazards: Collection[Hazard]) -> dict[int, str]:
    """{pk of a case: the user's word on its present phase}; one query, none for guests."""
    if not user.is_authenticated or not hazards:
        return {}
    words = Sighting.objects.filter(by=user, hazard__in=[hazard.pk for hazard in hazards])
    found = {(word.hazard_id, word.reopened, word.after_closing): word.says for word in words}
    said = {h.pk: found.get((h.pk, *phase(h).values())) for h in hazards}
    return {pk: says for pk, says in said.items() if says}


@transaction.atomic
def create(hazard: Hazard, *, by: User, says: str) -> Sighting:
    """One person's word, `Sighting.Says`, on the case as it stands; returns the `Sighting`.

    The last word counts: who said it earlier in the same phase corrects it, because a thumb in a
    glove slips and what was there in the morning is mended at noon. The same word again changes
    nothing. Of a merged case the main one is spoken of. Two different people's 还在 after
    closing are told to the reviewers, once for each closing.
    Raises NotAllowedNowError for a case that nobody is asked about any more.
    """
    case = _locked(hazard)
    now, where = timezone.now(), phase(case)
    word = Sighting.objects.filter(hazard=case, by=by, **where).first()
    if word and word.says == says:
        return word
    before = word.says if word else None
    word = word or Sighting(hazard=case, by=by, **where)
    word.hazard, word.says, word.at = case, says, now
    word.save()
    audit.record("hazards.say", case, by=by, role="passer", changes={"says": [before, str(says)]})
    if case.state == State.CLOSED:
        still = tally(case)["still"]
        if still >= PEOPLE_TO_LOOK_AGAIN:
            notifications.notify_still_there(case, still)
    return word


def _locked(hazard):
    """The row to be spoken of, held: of two people at once the second counts the first's word."""
    # One row only: a merge holds two, in an order of its own.
    leading = Hazard.objects.filter(pk=hazard.pk).values_list("main", flat=True).get()
    cases = Hazard.objects.select_for_update(of=("self",)).select_related("category", "grid")
    case = cases.get(pk=leading or hazard.pk)
    if not case.category.ask_passers_by or not (case.is_open or case.state == State.CLOSED):
        raise NotAllowedNowError(_("这一件现在不用看了，谢谢你。"))
    if case.closed_at and not case.can_reopen_now:
        raise NotAllowedNowError(_("办结超过 30 天了，还有问题就重新报一件。"))
    return case
