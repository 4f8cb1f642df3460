"""What the environment says, read strictly: a wrong value stops the start with one line."""

import os

from django.core.exceptions import ImproperlyConfigured


def env(name, default=""):
    """The variable's text without surrounding blanks, or the default when unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_bool(name, default):
    """A yes/no variable; anything else than the usual spellings stops the start."""
    text = env(name).lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")


def env_int(name, default):
    """A whole number; anything else stops the start."""
    text = env(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None


def env_list(name):
    """Comma-separated words."""
    return [word.strip() for word in env(name).split(",") if word.strip()]
