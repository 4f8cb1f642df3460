"""What the trail calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "register": _("登记了"),
    "correct": _("改了登记："),
    "withdraw_consent": _("撤回了一项同意："),
    "confirm": _("确认了"),
    "reset_password": _("换了新密码："),
    "help_ask": _("求助："),
    "help_take": _("说去帮忙："),
    "help_release": _("说去不了："),
    "help_free": _("账号停用，放下了求助："),
    "help_expire": _("到时没到，放回了："),
    "help_finish": _("说帮上了："),
    "help_refuse": _("不用这个人来："),
    "help_keep_private": _("只让驿站知道："),
    "help_question": _("问了还要不要："),
    "help_still_needed": _("说还要人："),
    "help_answer": _("回了话："),
    "help_close": _("结束了求助："),
    "help_lapse": _("没人答，关了求助："),
    "help_place_seen": _("看了求助的位置和话："),
    "proof_register": _("说在帮忙："),
    "proof_confirm": _("核实了帮忙："),
    "proof_decline": _("没有核实帮忙："),
    "proof_delete": _("删掉了自己的帮忙："),
    "help_file_seen": _("听了或看了求助的附件："),
}
