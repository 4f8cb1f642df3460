"""The transition tables of certificates and of the requests for them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from volunteers.record.models.certificates import Certificate, CertificateRequest
from yuanhang.core.transitions import NOTHING, Transition, TransitionTable

# Who is told.
TO_PERSON, TO_STAFF = "person", "staff"


class Answer(TextChoices):
    """What became of a request; it follows from its columns."""

    WAITING = "waiting", _("等社区开")
    ISSUED = "issued", _("已开")
    DECLINED = "declined", _("没有开")


def answer_of(asked: CertificateRequest) -> str:
    """What became of a request."""
    if not asked.answered_at:
        return Answer.WAITING
    return Answer.ISSUED if asked.certificate_id else Answer.DECLINED


REQUESTS = TransitionTable(
    "volunteers.",
    (
        Transition("request_certificate", (NOTHING,), Answer.WAITING, notifies=(TO_STAFF,)),
        Transition("issue_certificate", (Answer.WAITING,), Answer.ISSUED, notifies=(TO_PERSON,)),
        Transition(
            "decline_certificate", (Answer.WAITING,), Answer.DECLINED, notifies=(TO_PERSON,)
        ),
    ),
    state_of=answer_of,
    # The verbs write the columns from which the answer follows.
    set_state=lambda asked, answer: None,
    label_of=lambda asked: Answer(answer_of(asked)).label,
)

CERTIFICATES = TransitionTable(
    "volunteers.",
    (
        Transition("issue", (NOTHING,), Certificate.State.VALID, notifies=(TO_PERSON,)),
        Transition("supersede", (Certificate.State.VALID,), Certificate.State.SUPERSEDED),
        Transition(
            "revoke", (Certificate.State.VALID,), Certificate.State.REVOKED, notifies=(TO_PERSON,)
        ),
    ),
)
