"""Giving, changing and taking back a post: who may see what changes with it, so it is kept."""

from typing import Any

from django.db import transaction

from stations.postings.models import Posting
from yuanhang.core import audit
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
def _store(posting: Posting, verb: str, by: User) -> Posting:
    posting.save()
    audit.record(f"stations.{verb}", posting, by=by, changes=_facts(posting))
    return posting


def _facts(posting: Posting) -> dict[str, Any]:
    """Role, place and end, as the trail keeps them."""
    facts = {"role": posting.role, "place": str(posting.place), "end": str(posting.end or "")}
    return facts | {"absent_until": str(posting.absent_until or "")}
