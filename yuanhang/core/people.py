"""Switching accounts off and on again: the one door, through which every room frees what it holds.

A deactivated person cannot answer. Places, leases, leads and posts that stayed with them would be
nobody's; each room that gives such things out listens to `account_deactivated` and takes them back
in the same transaction. Switched on again, the person starts without them.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yuanhang.core import audit, editing, log_ins
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User
from yuanhang.core.signals import account_deactivated

# What gives somebody other people's data to see.
RIGHTS = frozenset({"is_staff", "is_superuser"})
LABEL = User._meta.app_label


def hold(user: User) -> User:
    """The account anew, locked until the transaction ends; rows that refer to it may be written.

    Whoever gives something to a person takes this lock first. Raises NotAllowedNowError for one
    that was switched off meanwhile.
    """
    held = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not held.is_active:
        raise NotAllowedNowError(_("这个账号已经停用。"))
    return held


def deactivate(user: User, *, by: User) -> User:
    """Switch an account off: logged out everywhere, and everything it held is free again.

    Returns the fresh account; one that is off already stays as it is. Raises NotAllowedNowError
    for one's own.
    """
    if user.pk == by.pk:
        raise NotAllowedNowError(_("自己的账号要别人来停用。"))
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not fresh.is_active:
            return fresh
        fresh.is_active = False
        fresh.save(update_fields=["is_active"])
        audit.record(f"{LABEL}.deactivate_user", fresh, by=by)
        log_ins.end_sessions(fresh)
        account_deactivated.send(User, user=fresh, by=by)
    return fresh


def reactivate(user: User, *, by: User) -> User:
    """Switch an account on again; returns it. Posts, places and leads are given anew."""
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not fresh.is_active:
            fresh.is_active = True
            fresh.save(update_fields=["is_active"])
            audit.record(f"{LABEL}.reactivate_user", fresh, by=by)
    return fresh


def edit(user: User, *, by: User, fields: Iterable[str]) -> User:
    """Store the named fields of an account as they are on `user`, each by its own door.

    Sessions are shortened where the account was given rights. Raises as `deactivate`.
    """
    names, is_active = set(fields), user.is_active
    with transaction.atomic():
        if "is_active" in names:
            user.is_active = User.objects.values_list("is_active", flat=True).get(pk=user.pk)
        if names - {"is_active"}:
            editing.edit(user, by=by, fields=names - {"is_active"})
        if names & RIGHTS:
            log_ins.shorten_sessions(user)
        if "is_active" in names:
            (reactivate if is_active else deactivate)(user, by=by)
            user.is_active = is_active
    return user
