"""Giving, changing and taking back a post: who may see what changes with it, so it is kept."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from stations.postings.models import Posting
from yuanhang.core import audit, log_ins, people
from yuanhang.core.models import User


def create(posting: Posting, *, by: User) -> Posting:
    """Give a post; `posting` is not stored yet."""
    return _store(posting, "create_posting", by)


def edit(posting: Posting, *, by: User) -> Posting:
    """Store a changed post, such as its end."""
    return _store(posting, "edit_posting", by)


@transaction.atomic
def remove(posting: Posting, *, by: User) -> None:
    """Delete a post that was a mistake; one that ended gets an end date instead."""
    audit.record("stations.remove_posting", posting, by=by, changes=_facts(posting))
    posting.delete()


@transaction.atomic
def end_all(user: User, *, by: User) -> None:
    """End the posts of somebody who leaves. Who held one until yesterday holds none today.

    One that has not lasted a day yet is removed; the trail keeps what it was.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    for posting in Posting.objects.ongoing().filter(user=user).order_by("pk"):
        if posting.start > yesterday:
            remove(posting, by=by)
            continue
        posting.end = yesterday
        posting.save(update_fields=["end", "updated_at"])
        audit.record("stations.edit_posting", posting, by=by, changes=_facts(posting))


@transaction.atomic
def _store(posting: Posting, verb: str, by: User) -> Posting:
    """Raises NotAllowedNowError where the post would begin with somebody who was deactivated."""
    is_over = posting.end is not None and posting.end < timezone.localdate()
    if not is_over:
        people.hold(posting.user)
    posting.save()
    audit.record(f"stations.{verb}", posting, by=by, changes=_facts(posting))
    if not is_over:
        # Who is logged in for a season now sees other people's data.
        log_ins.shorten_sessions(posting.user)
    return posting


def _facts(posting: Posting) -> dict[str, Any]:
    """Role, place and end, as the trail keeps them."""
    facts = {"role": posting.role, "place": str(posting.place), "end": str(posting.end or "")}
    return facts | {"absent_until": str(posting.absent_until or "")}
