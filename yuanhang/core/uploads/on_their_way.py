"""Files on their way in: a disk that takes none loses the file, and not the form around it."""

import logging
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

logger = logging.getLogger(__name__)


class LostFile(SimpleUploadedFile):
    """Stands for a file that was sent and found no room; its field refuses it in words."""

    is_lost = True


class OnDiskHandler(TemporaryFileUploadHandler):
    """Large files, in the temporary folder while that takes them."""

    file: Any = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a temporary file."""
        self.file = None  # the one before is in its form's hands
        self._or_lost(super().new_file, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next piece."""
        if not getattr(self.file, "is_lost", False):
            self._or_lost(super().receive_data_chunk, raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """The file, whole, or what stands for it."""
        if not getattr(self.file, "is_lost", False):
            self._or_lost(super().file_complete, file_size)
        return self.file

    def upload_interrupted(self) -> None:
        """Take away what has come."""
        if self.file is not None and not getattr(self.file, "is_lost", False):
            super().upload_interrupted()

    def _or_lost(self, step: Any, *args: Any, **kwargs: Any) -> None:
        try:
            step(*args, **kwargs)
        except OSError as error:
            logger.warning("an upload could not be stored: %s", error)
            if self.file is not None:
                with suppress(OSError):
                    self.file.close()
            self.file = LostFile(self.file_name, b"-", self.content_type)
