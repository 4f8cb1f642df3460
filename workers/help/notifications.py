"""Who hears of a request for help. A notice lies on a screen: it says kind and grid, no more."""

from collections.abc import Iterable

from django.utils import timezone

from workers.help.duty import Duty
from workers.help.models import HelpRequest, HelpTake
from workers.help.neighbours import neighbours_of
from yuanhang.core.models import User
from yuanhang.core.outbox import notices


def asked(request: HelpRequest, duty: Duty) -> None:
    """Whoever is on duty, or the next level; and neighbours where the asker said so."""
    _send(duty.recipients, request, "help_asked", "asked")
    _send(neighbours_of(request), request, "help_near", "near")


def taken(take: HelpTake) -> None:
    """Somebody goes there."""
    _tell_asker(take.request, "help_taken", f"{take.pk}:taken")


def left(take: HelpTake) -> None:
    """Whoever said so cannot come after all."""
    _tell_asker(take.request, "help_left", f"{take.pk}:left")


def expired(take: HelpTake, keepers: Iterable[int]) -> None:
    """Half an hour is over: the helper, the asker and whoever is on duty hear it."""
    request = take.request
    _send([take.helper_id], request, "help_expired", f"{take.pk}:expired")
    _tell_asker(request, "help_left", f"{take.pk}:left")
    _send([key for key in keepers if key != take.helper_id], request, "help_free", f"{take.pk}:x")


def questioned(request: HelpRequest) -> None:
    """「还要人帮吗」, or 「帮忙的人说好了」, with the time at which it is closed."""
    when = timezone.now().isoformat()
    _tell_asker(request, "help_question", f"question:{when}")


def still_needed(request: HelpRequest, keepers: Iterable[int]) -> None:
    """The asker says that somebody has to come."""
    when = timezone.now().isoformat()
    _send(keepers, request, "help_still_needed", f"still:{when}")


def answered(request: HelpRequest) -> None:
    """The keeper says something; what it is stands on the page."""
    when = timezone.now().isoformat()
    _tell_asker(request, "help_answered", f"answer:{when}")


def sent_home(take: HelpTake) -> None:
    """The asker needs this helper no more."""
    _send([take.helper_id], take.request, "help_refused", f"{take.pk}:refused", url="")
    _forget_the_way(take)


def ended(request: HelpRequest, take: HelpTake | None, *, by: User | None) -> None:
    """It is over: the asker, unless they ended it, and whoever is on the way."""
    if request.asker_id and (by is None or by.pk != request.asker_id):
        _tell_asker(request, "help_ended", "ended")
    if take is not None and (by is None or take.helper_id != by.pk):
        _send([take.helper_id], request, "help_over", f"{take.pk}:over", url="")
    if take is not None and not take.as_keeper:
        _forget_the_way(take)


def _forget_the_way(take):
    """What told a neighbour of it leads nowhere any more."""
    notices.close([take.helper_id], take.request.get_absolute_url())


def _tell_asker(request, kind, key):
    if request.asker_id:
        _send([request.asker_id], request, kind, key, supersedes=True)


def _send(people, request, kind, key, *, url=None, supersedes=False):
    notices.send(
        people,
        f"workers.{kind}",
        key=f"help:{request.pk}:{key}",
        context={"call": request},
        url=request.get_absolute_url() if url is None else url,
        supersedes=supersedes,
    )
