"""Files go with the rows that name them: after the commit, and also if the process dies then."""

from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete

from yuanhang.core.stored_files.models import FileToRemove


def go_with_rows(models_of_all_rooms: Iterable[type[models.Model]]) -> None:
    """Let the files of every deleted row go at commit, also by a cascade; a rollback keeps them.

    Only models that hold files listen: a listener costs the fast way of deleting.
    """
    for model in models_of_all_rooms:
        if file_fields(model):
            post_delete.connect(_remove_files, sender=model, dispatch_uid="files_go_with_rows")


def file_fields(model: type[models.Model]) -> list[Any]:
    """The columns of a model that name files."""
    return [field for field in model._meta.fields if isinstance(field, models.FileField)]


def _remove_files(sender: Any, instance: Any, **_kwargs: Any) -> None:
    fields = file_fields(sender)
    remove_at_commit([file.name for field in fields if (file := getattr(instance, field.name))])


def remove_at_commit(names: Iterable[str]) -> None:
    """Let files go that no row names once the caller's transaction is through."""
    with transaction.atomic():
        rows = FileToRemove.objects.bulk_create([FileToRemove(name=name) for name in names])
        if rows:
            # What fails here fails nobody's request any more, and comes with the next sweep.
            transaction.on_commit(lambda: _remove(rows), robust=True)


def remove_noted() -> int:
    """Let go what a process that died, or a disk that refused, left; returns how many files."""
    return _remove(list(FileToRemove.objects.all()))


def _remove(rows: list[FileToRemove]) -> int:
    for row in rows:
        default_storage.delete(row.name)
    FileToRemove.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
