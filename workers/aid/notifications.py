"""What the handler is told: a number. The asker is told nowhere but on their own pages."""

from django.urls import reverse

from stations.postings.access import community_staff
from workers.aid.models import AidDesk, AidRequest
from yuanhang.core.outbox import notices


def tell_handler(request: AidRequest, what: str) -> None:
    """A word to the handler; without one to nobody, and the request waits for the next."""
    people = [person for person in (request.handler, request.deputy) if person]
    notices.send(
        people[:1],
        f"workers.aid_{what}",
        key=f"aid:{request.pk}:{what}:{request.moved_on.isoformat()}",
        context={"number": request.number},
        url=reverse("aid:handle", args=[request.number]),
        supersedes=True,
    )


def tell_of_empty_desk(desk: AidDesk) -> None:
    """Nobody reads requests any more: staff have an administrator name somebody."""
    notices.send(
        community_staff(desk.community),
        "workers.aid_desk_empty",
        key=f"aid_desk:{desk.pk}:empty",
        context={"community": desk.community},
        url="",
    )
