"""Who is told of a complaint. Never in its words: a notice lies on the screen of a phone."""

from datetime import date

from django.urls import reverse

from stations.complaints.access import admin_keys, reader_keys
from stations.complaints.models import Complaint, ComplaintSlip
from yuanhang.core.outbox import notices


def arrived(complaint: Complaint, today: date) -> None:
    """One notice a day, however many come: a flood must not bury the reader's inbox as well."""
    _tell(complaint, "complaint_arrived", today, reader_keys(complaint), {})


def soon(one: Complaint, count: int, today: date) -> None:
    """So many of those written to the readers of `one` are to be answered by the next workday."""
    _tell(one, "complaint_soon", today, reader_keys(one), {"count": count})


def overdue(one: Complaint, count: int, today: date) -> None:
    """So many are late by now; administrators hear it too, who may answer in the readers' place."""
    people = dict.fromkeys([*reader_keys(one), *admin_keys()])
    _tell(one, "complaint_overdue", today, tuple(people), {"count": count})


def _tell(complaint, kind, today, people, context):
    place = f"{complaint.community_id}:{complaint.reader}"
    notices.send(
        people,
        f"stations.{kind}",
        key=f"{kind}:{place}:{today.isoformat()}",
        context={"complaint": complaint, **context},
        url=reverse("complaints:inbox"),
    )


def answered(complaint: Complaint) -> None:
    """Whoever signed with an account hears that there is an answer; others look by their link."""
    slips = ComplaintSlip.objects.filter(complaint=complaint, user__is_active=True)
    letters = [
        notices.Letter(
            [slip.user],
            "stations.complaint_answered",
            key=f"complaint_answered:{slip.pk}",
            url=slip.get_absolute_url(),
        )
        for slip in slips.select_related("user")
    ]
    notices.send_all(letters)
