"""What the lines of a case's story say."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.cases.kind_words import says
from hazards.cases.transitions import UNIT
from hazards.cases.words import grid_worker

# What a line of the timeline says; others are called by what the case is about (`SAID`).
TITLES = {
    "accept": gettext_lazy("%(worker)s已受理"),
    "supply_info": gettext_lazy("%(who)s做了补充"),
    "supplement": gettext_lazy("%(who)s又补了一点"),
    "stop_asking": gettext_lazy("等不到补充了，先按现有的看"),
    "reject": gettext_lazy("这次没有受理"),
    "unreject": gettext_lazy("收回不受理，重新看"),
    "escalate": gettext_lazy("已上报街道综治中心"),
    "dispatch": gettext_lazy("已派给%(organisation)s"),
    "close": gettext_lazy("网格员核查，办结"),
    "withdraw": gettext_lazy("%(who)s撤回了"),
    "secure": gettext_lazy("现场已围护"),
    "resume": gettext_lazy("接着处理"),
    "return_case": gettext_lazy("街道退回一步"),
    "rate": gettext_lazy("%(who)s评价：%(rating)s"),
    "merge": gettext_lazy("和另一件是同一处，并到一起"),
    "unmerge": gettext_lazy("不是同一处，分开处理"),
    "lead": gettext_lazy("接着单独办"),
    "follow": gettext_lazy("和接着办的那件一起"),
    "reassign": gettext_lazy("转到%(place)s"),
    "recategorise": gettext_lazy("改了类别"),
    "restandard": gettext_lazy("改了标准"),
    "reprioritise": gettext_lazy("改了紧急程度"),
    "split": gettext_lazy("拆出一件，单独办"),
    "arrive": gettext_lazy("到现场了"),
    "refuse": gettext_lazy("说不归他们"),
    "ask_time": gettext_lazy("想要延期"),
    "deny_time": gettext_lazy("街道没有同意延期"),
}
SAID = {
    "fix": "fix_title",
    "extend": "extend_title",
    "suspend": "suspend_title",
    "redo": "redo_title",
    "end_unrepaired": "end_title",
}


def step_title(step, hazard, *, is_mine=False):
    """One line of the timeline of a case; in the second person where the report is the reader's."""
    who = _("你") if is_mine else _("上报人")
    unit = step.organisation or hazard.organisation or _("责任单位")
    title = _title(step, hazard, who, is_mine)
    if step.by_role == UNIT:
        # What the unit said itself, by its slip, is said of it.
        return f"{unit}：{title}"
    return title % {
        "who": who,
        "worker": grid_worker(hazard),
        "organisation": unit,
        "rating": (step.get_rating_display() or "") if step.rating else "",
        "place": hazard.grid or hazard.community,
    }


def _title(step, hazard, who, is_mine):
    if step.verb == "submit":
        return _submitted_title(step)
    if step.verb == "ask_info":
        return _("请你补充一下") if is_mine else _("请上报人补充")
    if step.verb == "reopen":
        if step.by_role == "reviewer":
            return _("重新打开")
        return says(hazard, "reopen_title", who=_reopener(step, who))
    if step.verb in SAID:
        return says(hazard, SAID[step.verb])
    return str(TITLES.get(step.verb, step.verb))


def _reopener(step, who):
    return _("并进来的上报人") if step.by_role == "follower" else who


def _submitted_title(step):
    if step.by_role == "split":
        return _("从另一件里拆出来，单独办")
    if step.by_role == "on_behalf":
        return _("%(who)s来反映，工作人员代录")
    return _("%(who)s报了上来")


def step_extras(photo_count, voice_seconds):
    """「照片 1 张，语音 8 秒」 for what came with a step, or nothing."""
    parts = []
    if photo_count:
        parts.append(_("照片 %(n)d 张") % {"n": photo_count})
    parts += [_("语音 %(n)d 秒") % {"n": max(round(seconds), 1)} for seconds in voice_seconds]
    return "，".join(parts)
