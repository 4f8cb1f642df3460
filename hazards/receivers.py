"""What the disk must learn when rows go: also by a cascade, which calls no model's `delete`."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from .models import HazardPhoto, HazardVoice


@receiver(post_delete, sender=HazardPhoto)
@receiver(post_delete, sender=HazardVoice)
def remove_files(sender, instance, **kwargs):
    """Take the files of a deleted row, the public copy among them; a rollback keeps them."""
    fields = ("image", "thumbnail", "public_image", "audio")
    names = [file.name for name in fields if (file := getattr(instance, name, None))]
    transaction.on_commit(lambda: [default_storage.delete(name) for name in names])
