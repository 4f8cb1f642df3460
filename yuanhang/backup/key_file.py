"""The key of a backup, as commands are given it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

SHORTEST = 20


def add_key_option(parser: Any) -> None:
    """`--key-file`, the same for all commands."""
    parser.add_argument(
        "--key-file", help="A file with the key, 20 characters or more; by default BACKUP_KEY."
    )


def key_of(options: dict[str, Any]) -> str:
    """The key, empty when none was given."""
    if not options["key_file"]:
        return settings.BACKUP_KEY
    try:
        key = Path(options["key_file"]).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The key cannot be read: {error}") from None
    if len(key) < SHORTEST:
        raise CommandError(f"A key has {SHORTEST} characters or more.")
    return key
