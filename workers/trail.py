"""What the trail calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "register": _("登记了"),
    "correct": _("改了登记："),
    "withdraw_consent": _("撤回了一项同意："),
    "confirm": _("确认了"),
    "reset_password": _("换了新密码："),
}
