"""Seal confidential requests anew under the first key of AID_KEYS; then older keys may go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from workers.aid import sealing
from workers.aid.models import AidNote, AidRequest
from workers.aid.sealing import CannotOpenError


class Command(BaseCommand):
    """All or nothing: what no key opens stops it, and nothing was changed."""

    help = "Seals what is confidential anew under the first of AID_KEYS."

    def handle(self, **_options: Any) -> None:
        """Both tables in one transaction, row by row under its lock."""
        count = 0
        try:
            with transaction.atomic():
                for row in AidRequest.objects.select_for_update().order_by("pk").iterator():
                    row.sealed = sealing.reseal(row.sealed)
                    row.asker_mark = sealing.mark_of(sealing.unseal(row.sealed)["asker"])
                    row.save(update_fields=["sealed", "asker_mark"])
                    count += 1
                for note in AidNote.objects.select_for_update().order_by("pk").iterator():
                    note.sealed = sealing.reseal(note.sealed)
                    note.save(update_fields=["sealed"])
        except CannotOpenError as error:
            raise CommandError(f"{error.message}") from None
        self.stdout.write(f"{count} requests sealed under the first key.")
