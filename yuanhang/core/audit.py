"""The only writer of `AuditEvent`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from yuanhang.core.models import AuditEvent

SECRET_WORDS = ("password", "secret", "token", "code", "key", "phone", "name")

# Kinds that tell who looked, and changed nothing: they are kept for six months.
LOOK = r"(viewed|seen|exported|revealed|searched)$"


def _label(instance: models.Model | None) -> tuple[str, str]:
    return (instance._meta.label_lower, str(instance.pk)) if instance is not None else ("", "")


def _masked(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values under names that sound secret or personal are replaced: the trail is read by many."""
    return {
        name: "***" if any(word in name.lower() for word in SECRET_WORDS) and value else value
        for name, value in (changes or {}).items()
    }


def event(
    kind: str,
    target: models.Model | None,
    *,
    by: Any = None,
    role: str = "",
    parent: models.Model | None = None,
    changes: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """An event that is not stored yet, for a caller who stores it with other rows.

    `kind` is dotted, e.g. `hazards.accept`; `by` is a user or None (a guest, the system);
    `role` says in which capacity; `changes` maps names to JSON values and is masked; `parent` is
    what the target belongs to.
    """
    target_type, target_id = _label(target)
    parent_type, parent_id = _label(parent)
    actor_id = by.pk if by is not None and by.is_authenticated else None
    return AuditEvent(
        kind=kind,
        target_type=target_type,
        target_id=target_id,
        parent_type=parent_type,
        parent_id=parent_id,
        actor_id=actor_id,
        actor_role=role or ("user" if actor_id else "system"),
        changes=_masked(changes),
    )


def record(kind: str, target: models.Model | None, **facts: Any) -> AuditEvent:
    """Write one event in the caller's transaction; what it says is told by `event`."""
    written = event(kind, target, **facts)
    written.save(force_insert=True)
    return written


def record_all(events: Sequence[AuditEvent]) -> None:
    """Write events of `event` in their order, by one statement."""
    AuditEvent.objects.bulk_create(events)
