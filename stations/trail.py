"""What the trail calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "substitute": _("请了人代班："),
    "test_robot": _("发了测试消息："),
    "check_facilities": _("看过了设施"),
}
