"""What the trail calls the deeds of this app; the moves of a case are called as on its buttons."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "submit": _("报了"),
    "say": _("路过，说了看到的情况："),
    "publish_photo": _("公开了照片："),
    "unpublish_photo": _("收回了公开的照片："),
}
