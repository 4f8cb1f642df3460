"""Who reads a confidential request: whoever asked, one handler and a deputy. No administrator."""

from stations.postings.access import Viewer
from workers.access import worker_of
from workers.aid import sealing
from workers.aid.models import AidDesk, AidRequest
from workers.models import Worker
from yuanhang.core.kept_answers import kept


def desk_of(worker: Worker | None) -> AidDesk | None:
    """Who is asked in the worker's community, if somebody is; one query."""
    if worker is None:
        return None
    desks = AidDesk.objects.filter(community=worker.community_id, handler__is_active=True)
    return desks.select_related("community", "handler").first()


def can_ask_aid(user: Viewer) -> bool:
    """Whoever is registered; nobody has to confirm them first."""
    return worker_of(user) is not None


def can_handle_aid(user: Viewer, request: AidRequest) -> bool:
    """The handler named in it, and the deputy."""
    return user.is_authenticated and user.pk in (request.handler_id, request.deputy_id)


@kept("workers_aidrequest")
def _marks_with_news() -> frozenset[str]:
    return frozenset(
        AidRequest.objects.filter(news_for_asker=True).values_list("asker_mark", flat=True)
    )


def has_news(user: Viewer) -> bool:
    """Whether something of theirs was answered; asks nothing while nothing changed.

    Reckoned when the person looks, and stored nowhere: a row of it would say that they asked.
    """
    if not user.is_authenticated:
        return False
    return not _marks_with_news().isdisjoint(sealing.marks_of(user.pk))


@kept("workers_aidrequest", "workers_aiddesk")
def _handlers() -> frozenset[int]:
    pairs = [
        *AidDesk.objects.values_list("handler", "deputy"),
        *AidRequest.objects.open().values_list("handler", "deputy").distinct(),
    ]
    return frozenset(pk for pair in pairs for pk in pair if pk)


def handles_aid(user: Viewer) -> bool:
    """Whether requests may come to this person."""
    return user.is_authenticated and user.pk in _handlers()
