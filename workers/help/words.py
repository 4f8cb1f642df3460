"""What the pages of help say once a verb was carried out, and how a state is shown."""

from django.utils.translation import gettext_lazy as _

from workers.help.models import HelpRequest

State, End = HelpRequest.State, HelpRequest.End

# The verbs that have a button, by the part of the address that names them.
DONE = {
    "take": _("记下了，路上慢点。半小时内到。"),
    "release": _("放回去了，谢谢你说一声。"),
    "finish": _("谢谢你。求助的人点一下就结束了。"),
    "refuse": _("已经告诉他不用来了，你的位置他看不到了。"),
    "keep-private": _("改好了，只有驿站和社区在岗的人知道。"),
    "still-needed": _("记下了，接着等人，也告诉在岗的人了。"),
    "answer": _("说了，他打开页面就看到。"),
    "close": _("结束了，位置删掉了。"),
}
# What the asker's two buttons send.
CLOSED_AS = {"helped": End.HELPED, "not_needed": End.NOT_NEEDED}
# The shape and colour of each state, written once.
SIGNS = {
    State.OPEN: ("○", "slate"),
    State.TAKEN: ("◔", "teal"),
    State.HELPED: ("◑", "amber"),
    State.CLOSED: ("●", "green"),
}
