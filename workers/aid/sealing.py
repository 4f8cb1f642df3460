"""What is confidential at rest: sealed with keys from the settings (MultiFernet of `cryptography`).

The first key seals, all of them open, so that keys can be changed. A text that no key opens is
never taken for a text: reading raises, and nothing is saved over it.
"""

import hmac
import json
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from yuanhang.core.errors import NotAllowedNowError


class CannotOpenError(NotAllowedNowError):
    """No key of the settings opens it."""

    def __init__(self) -> None:
        super().__init__(_("已经存好，但是现在的密钥打不开。什么都没有改，请管理员找回密钥。"))


def is_on() -> bool:
    """Whether there is a key: without one nothing confidential is taken."""
    return bool(settings.AID_KEYS)


def _library() -> Any:
    """Loaded once it is needed: a process that seals nothing does not pay for it."""
    return import_module("cryptography.fernet")


def _keys() -> Any:
    library = _library()
    return library.MultiFernet([library.Fernet(key) for key in settings.AID_KEYS])


@sensitive_variables()
def seal(facts: dict[str, Any]) -> str:
    """The facts as a text that tells nothing."""
    sealed: bytes = _keys().encrypt(json.dumps(facts, ensure_ascii=False).encode())
    return sealed.decode()


@sensitive_variables()
def unseal(sealed: str) -> dict[str, Any]:
    """The facts again. Raises CannotOpenError where no key fits."""
    try:
        found: dict[str, Any] = json.loads(_keys().decrypt(sealed.encode()))
    except _library().InvalidToken:
        raise CannotOpenError from None
    return found


@sensitive_variables()
def reseal(sealed: str) -> str:
    """The same under the first key. Raises CannotOpenError where no key fits."""
    try:
        fresh: bytes = _keys().rotate(sealed.encode())
    except _library().InvalidToken:
        raise CannotOpenError from None
    return fresh.decode()


def mark_of(user_id: int) -> str:
    """What a person's requests are found by; without the key it leads to nobody."""
    return _marks(user_id)[0]


def marks_of(user_id: int) -> list[str]:
    """The same under every key: a key may have been changed since."""
    return _marks(user_id)


def _marks(user_id: int) -> list[str]:
    asker = f"aid:{user_id}".encode()
    return [hmac.new(key.encode(), asker, "sha256").hexdigest() for key in settings.AID_KEYS]
