"""What waits for a reporter's answer, as the first cards of the front page."""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from yuanhang.core.cards import Card
from yuanhang.core.models import User

CARDS_MAX = 3


def question_cards(user: User) -> list[Card]:
    """The questions that reviewers asked of this person's reports; one query."""
    asked = Step.objects.filter(hazard=OuterRef("pk"), verb="ask_info").order_by("-id")
    cases = Hazard.objects.filter(reporter=user, state=State.NEEDS_INFO)
    cases = cases.select_related("category").annotate(asked=Subquery(asked.values("note")[:1]))
    return [
        Card(
            seal=case.category.seal,
            title=case.asked,
            text=_("网格员问你报的「%(what)s」，回一句就接着办。") % {"what": case.category},
            label=_("回一句"),
            url=case.get_absolute_url(),
            asks=_("等你补一句"),
            shape="？",
            tone="amber",
        )
        for case in cases.order_by("-id")[:CARDS_MAX]
    ]
