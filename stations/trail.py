"""What the trail calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "complaint_submit": _("收到了："),
    "complaint_viewed": _("看了署名："),
    "complaint_answer": _("答复了："),
    "complaint_publish": _("公开了："),
    "complaint_unpublish": _("收回了公开的："),
    "substitute": _("请了人代班："),
    "test_robot": _("发了测试消息："),
    "check_facilities": _("看过了设施"),
    "begin_fault": _("说有问题："),
    "answer_fault": _("回了话："),
    "end_fault": _("处理完了："),
    "hide_tap": _("隐藏了一句话："),
    "fill_first_aid": _("记了药箱里的东西："),
    "put_up": _("添了一样东西："),
    "take_away": _("撤掉了一样东西："),
    "announce_closure": _("写了临时关门："),
    "lift_closure": _("重新开了门："),
    "extend_hours": _("延长了开放："),
    "shorten_hours": _("恢复了平时的时间："),
}
