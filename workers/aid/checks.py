"""Keys that seal nothing must be noticed before somebody confides in them."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks


@checks.register()
def keys_can_seal(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Each of AID_KEYS is a Fernet key."""
    for number, key in enumerate(settings.AID_KEYS, 1):
        try:
            Fernet(key)
        except ValueError:
            said = f"AID_KEYS: number {number} is no Fernet key (32 bytes, URL-safe base64)."
            return [checks.Error(said, id="workers.E001")]
    return []
