"""What the trail calls the deeds of this app; the moves of a case are called as on its buttons."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "submit": _("报了"),
    "fix": _("说办好了"),
    "redo": _("退回，没办好"),
    "reopen": _("重新打开"),
    "end_unrepaired": _("了结"),
    "lead": _("接着单独办"),
    "follow": _("跟着接着办的那件"),
    "stop_asking": _("不再等补充"),
    "claim": _("记到了自己名下："),
    "transcribe": _("听写了语音："),
    "arrive": _("到了现场："),
    "refuse": _("说不归他们："),
    "ask_time": _("想要延期："),
    "deny_time": _("没有同意延期："),
    "renew_slip_code": _("换了接力单的口令："),
    "stop_slip": _("停用了接力单的链接："),
    "issue_slip": _("发了新的接力单："),
    "say": _("路过，说了看到的情况："),
    "publish_photo": _("公开了照片："),
    "unpublish_photo": _("收回了公开的照片："),
}
