"""The same world for each of many who try: what one of them did is taken back."""

from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone():
    """Take back whatever happens to the database inside, when it is over."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
