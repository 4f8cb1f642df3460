"""The one door for joining, correcting, consenting and confirming."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from stations.areas.models import Community, Grid
from stations.houses.models import Station
from stations.postings.access import community_staff
from workers.models import Consent, PrivacyNotice, Worker
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.erasures.erasures import Eraser
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.outbox import notices

# Facts that hang on a consent of their own: the field, and its empty value.
OPTIONAL = {
    Consent.Purpose.FREE_TIMES: ("free_times", list),
    Consent.Purpose.SKILLS: ("skills", str),
    Consent.Purpose.PARTY: ("party", str),
    Consent.Purpose.HELP_TIMES: ("help_times", list),
}
FACT = "workers.fact_"


@transaction.atomic
def register(
    *,
    user: User,
    community: Community,
    job: str,
    station: Station | None = None,
    usual_grids: Collection[Grid] = (),
    consents: Collection[str] = (),
    **facts: Any,
) -> Worker:
    """Make the profile of a user who accepted the current privacy notice; returns the Worker.

    `job` is a `Worker.Job`. `consents` are the optional purposes (`Consent.Purpose`) agreed to;
    `facts` are further fields of the profile, those without their consent are not stored.
    Staff of the community are told. Raises NotAllowedNowError when no notice is published.
    """
    worker = Worker(user=user, community=community, station=station, job=job)
    _set_facts(worker, facts, consents)
    worker.save()
    worker.usual_grids.set(usual_grids)
    for purpose in (Consent.Purpose.BASIC, *consents):
        _consent(worker, purpose)
    audit.record("workers.register", worker, by=user, changes={"consents": sorted(consents)})
    notices.send(
        community_staff(community),
        "workers.staff_registered",
        key=f"worker:{worker.pk}:registered",
        context={"worker": worker},
        url=f"/admin/workers/worker/{worker.pk}/change/",
    )
    return worker


def _set_facts(worker, facts, consents):
    for name, value in facts.items():
        setattr(worker, name, value)
    for purpose, (name, empty) in OPTIONAL.items():
        if purpose not in consents:
            setattr(worker, name, empty())


def _consent(worker, purpose):
    notice = PrivacyNotice.current()
    if notice is None:
        raise NotAllowedNowError(_("个人信息告知还没有发布，请联系驿站前台。"))
    return Consent.objects.create(worker=worker, purpose=purpose, notice=notice)


@transaction.atomic
def correct(
    worker: Worker,
    *,
    by: User,
    display_name: str | None = None,
    usual_grids: Collection[Grid] | None = None,
    consents: Collection[str] = (),
    **facts: Any,
) -> Worker:
    """Change what a person told us; new optional facts come with their consent.

    A consent no longer ticked is withdrawn and its fact erased.
    """
    worker = Worker.objects.select_for_update().get(pk=worker.pk)
    in_force = set(worker.consents.in_force().values_list("purpose", flat=True))
    _set_facts(worker, facts, consents)
    worker.save()
    if usual_grids is not None:
        worker.usual_grids.set(usual_grids)
    if display_name is not None:
        worker.user.display_name = display_name
        worker.user.save(update_fields=["display_name"])
    for purpose in OPTIONAL:
        if purpose in consents and purpose not in in_force:
            _consent(worker, purpose)
        elif purpose not in consents and purpose in in_force:
            _withdraw(worker, purpose)
    audit.record("workers.correct", worker, by=by, changes={"fields": sorted(facts)})
    return worker


def _withdraw(worker, purpose):
    """End a consent; its fact, which the caller empties, may not come back with a backup either."""
    in_force = worker.consents.in_force().filter(purpose=purpose)
    ended = in_force.update(withdrawn_at=timezone.now())
    if ended:
        erasures.note(f"{FACT}{purpose}", "workers.worker", [worker.pk])
    return ended


def _forget_fact(purpose: str) -> Callable[[list[Any], datetime], object]:
    name, empty = OPTIONAL[purpose]

    def forget(keys: list[Any], now: datetime) -> None:
        Worker.objects.filter(pk__in=keys).update(**{name: empty()})
        consents = Consent.objects.in_force().filter(worker__in=keys, purpose=purpose)
        consents.update(withdrawn_at=now)

    return forget


# A fact whose consent was taken back.
ERASERS = tuple(
    Eraser(f"{FACT}{purpose}", "workers.worker", _forget_fact(purpose)) for purpose in OPTIONAL
)


@transaction.atomic
def withdraw_consent(worker: Worker, purpose: str, *, by: User) -> Worker:
    """Take one optional consent back; the fact that hung on it is erased at once.

    Raises NotAllowedNowError for the basic consent (that is leaving, done at the desk) or when
    there is nothing to withdraw.
    """
    if purpose not in OPTIONAL:
        raise NotAllowedNowError(_("要停用登记，请到驿站前台或打前台电话，当面就能办。"))
    worker = Worker.objects.select_for_update().get(pk=worker.pk)
    if not _withdraw(worker, purpose):
        raise NotAllowedNowError(_("这一项本来就没有同意过。"))
    name, empty = OPTIONAL[purpose]
    setattr(worker, name, empty())
    worker.save()
    audit.record("workers.withdraw_consent", worker, by=by, changes={"purpose": str(purpose)})
    return worker


@transaction.atomic
def confirm(worker: Worker, *, by: User) -> Worker:
    """Staff confirm that this person is who they say; the person is told.

    Raises NotAllowedNowError when somebody confirmed already.
    """
    worker = Worker.objects.select_for_update().get(pk=worker.pk)
    if worker.confirmed_at:
        raise NotAllowedNowError(_("已经确认过了。"))
    worker.confirmed_at, worker.confirmed_by = timezone.now(), by
    worker.save()
    audit.record("workers.confirm", worker, by=by)
    notices.send(
        [worker.user],
        "workers.confirmed",
        key=f"worker:{worker.pk}:confirmed",
        context={"worker": worker},
        url="/workers/me/",
    )
    return worker


# Read aloud across a desk and typed with cold fingers: no 0/O, 1/l/I.
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - letters, not a password


@transaction.atomic
def reset_password(worker: Worker, *, by: User) -> str:
    """Give a person a random password (50 bits) at the desk; returns it, to be told once.

    Other sessions of the account end, because Django ties them to the password.
    """
    password = get_random_string(10, PASSWORD_ALPHABET)
    worker.user.set_password(password)
    worker.user.save(update_fields=["password"])
    event = audit.record("workers.reset_password", worker, by=by)
    notices.send(
        [worker.user],
        "workers.password_reset",
        key=f"worker:{worker.pk}:password:{event.pk}",
        context={"worker": worker},
        url="/accounts/password/change/",
    )
    return password
