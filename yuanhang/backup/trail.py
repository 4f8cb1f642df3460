"""What the trail calls what is done with backups."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "make": _("做了备份"),
    "restore": _("从备份恢复"),
    "try_restore": _("恢复演练"),
}
