"""The key of confidential requests for `make run`: made once, in `var/`, readable by its owner."""

import contextlib
import os
from importlib import import_module
from pathlib import Path

NAME = "aid.key"


def own_keys(folder: Path) -> list[str]:
    """The key in this folder as a list, made where there is none; empty where none can be kept."""
    path = folder / NAME
    with contextlib.suppress(OSError):
        if path.exists():
            return [path.read_text().strip()]
        # Only whoever makes a key waits for the library.
        fernet = import_module("cryptography.fernet")
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # Whole or not at all: processes start together, and the first one's key is everybody's.
            part = folder / f".{NAME}.{os.getpid()}"
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(fernet.Fernet.generate_key())
            try:
                os.link(part, path)
            finally:
                part.unlink()
        return [path.read_text().strip()]
    return []
