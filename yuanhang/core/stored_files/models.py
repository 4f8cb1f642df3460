"""Names of files that are to go."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FileToRemove(models.Model):
    """A stored file that no row names any more.

    Written in the transaction that took its row away, and emptied after the file is gone: a
    process that dies in between leaves the name to the next sweep.
    """

    name = models.CharField(_("文件"), max_length=120)
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("要删的文件")
        verbose_name_plural = _("要删的文件")
        ordering = ["id"]

    def __str__(self):
        return self.name
