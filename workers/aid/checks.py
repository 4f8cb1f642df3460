"""Keys that seal nothing must be noticed before somebody confides in them."""

import binascii
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register()
def keys_can_seal(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Each of AID_KEYS is a Fernet key."""
    for number, key in enumerate(settings.AID_KEYS, 1):
        if not _is_key(key):
            said = f"AID_KEYS: number {number} is no Fernet key (32 bytes, URL-safe base64)."
            return [checks.Error(said, id="workers.E001")]
    return []


def _is_key(key: str) -> bool:
    """Whether these are 32 bytes as Fernet writes its keys; asked without loading the library."""
    try:
        found = binascii.a2b_base64(key.replace("-", "+").replace("_", "/"))
    except (binascii.Error, ValueError):
        return False
    return len(found) == 32
