"""The audit trail in sentences: who did what to which thing, with names and links.

What a verb is called is said by its room (`RoomConfig.trail_words`), so that the floor knows none.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms
from yuanhang.core.models import AuditEvent, User

TYPES_NAMED = 6  # kinds of things of one page that are fetched for their names

WORDS = {
    "retention": _("按期限删除"),
    "set_password": _("换了密码"),
    "test": _("试了一下"),
    "delivery_again": _("又发了一次"),
    "delivery_settled": _("问清了发没发到"),
}
ROLES = {
    "admin": _("在管理后台"),
    "staff": _("工作人员"),
    "reviewer": _("网格员"),
    "centre": _("街道综治中心"),
    "reporter": _("上报人"),
    "on_behalf": _("代录"),
    "guest": _("没登录的人"),
    "follower": _("并进来的上报人"),
    "passer": _("路过的人"),
    "helper": _("接任务的人"),
    "leader": _("队长"),
    "organiser": _("组织者"),
    "volunteer": _("志愿者"),
    "clock": _("到时间自动"),
    "unit": _("责任单位，用接力单"),
    "asker": _("提出的人"),
    "handler": _("负责人"),
    "system": _("系统"),
}
EDITING = {"create": _("新建了"), "edit": _("改了"), "remove": _("删了")}
LOOKS = {
    "viewed": _("看了"),
    "seen": _("看了"),
    "exported": _("导出了"),
    "revealed": _("看了上报人的联系方式："),
    "searched": _("按手机号找人"),
}


def _words() -> dict[str, Any]:
    """What every verb is called, by its kind."""
    found = {f"core.{verb}": words for verb, words in WORDS.items()}
    for room in apps.get_app_configs():
        if isinstance(room, rooms.RoomConfig):
            for path in room.trail_words:
                words = import_string(path)
                found |= {f"{room.label}.{verb}": said for verb, said in words.items()}
    return found


def deed(kind: str) -> str:
    """What a kind of event says was done; an empty text for a kind nobody has words for."""
    known = _words().get(kind)
    if known:
        return str(known)
    verb = kind.partition(".")[2]
    head, _line, rest = verb.partition("_")
    models = {model._meta.model_name for model in apps.get_models()}
    if head in EDITING and rest in models:
        return str(EDITING[head])
    return str(LOOKS.get(verb.rpartition("_")[2], ""))


def _link(label: str, key: str, words: str) -> str:
    """The words, leading to the row's page in the admin where it has one."""
    try:
        address = reverse(f"admin:{label.replace('.', '_')}_change", args=[key])
    except NoReverseMatch:
        return words
    return format_html('<a href="{}">{}</a>', address, words)


def _model(label: str) -> Any:
    """The model of a label that the trail kept, or None where it is gone."""
    app, _dot, name = label.partition(".")
    return apps.all_models.get(app, {}).get(name)


class Reader:
    """Tells the events of one page; fetches the names of people and things together."""

    def __init__(self, events: Iterable[AuditEvent]) -> None:
        self.events = list(events)
        people = {event.actor_id for event in self.events if event.actor_id}
        self.people = User.objects.in_bulk(people)
        kinds = Counter(event.target_type for event in self.events if event.target_id)
        self.things: dict[tuple[str, str], str] = {}
        for label, _count in kinds.most_common(TYPES_NAMED):
            self._name(label)

    def _name(self, label: str) -> None:
        model = _model(label)
        if model is None or not admin.site.is_registered(model):
            return
        known = admin.site.get_model_admin(model)
        keys = {event.target_id for event in self.events if event.target_type == label}
        rows = model._default_manager.filter(pk__in=keys)
        if known.list_select_related:
            rows = rows.select_related(*known.list_select_related)
        self.things |= {(label, str(row.pk)): str(row) for row in rows}

    def who(self, event: AuditEvent) -> str:
        """The person by name and in which capacity, or what acted where nobody was logged in."""
        role = str(ROLES.get(event.actor_role, ""))
        person = self.people.get(event.actor_id)
        if person is not None:
            name = _link("yuanhang.user", str(person.pk), str(person))
            return format_html("{}（{}）", name, role) if role else name
        if event.actor_id:
            return str(_("已删除的账号"))
        return role or str(_("系统"))

    def what(self, event: AuditEvent) -> str:
        """The deed and its object, which is named and linked while it is there."""
        done = deed(event.kind) or str(_("办了一步"))
        if not event.target_id:
            rows = event.changes.get("rows")
            if rows is None:
                return done
            return format_html("{}，{}", done, _("%(n)d 条") % {"n": rows})
        return format_html("{} {}", done, self.thing(event))

    def thing(self, event: AuditEvent) -> str:
        """「新就业群体「骑手甲」」 with its link, or its number where it is gone."""
        label = event.target_type
        model = _model(label)
        kind = model._meta.verbose_name if model is not None else ""
        name = self.things.get((label, event.target_id))
        words = f"{kind}「{name}」" if name else f"{kind} {event.target_id} 号"
        return _link(label, event.target_id, words) if name or model is not None else words

    def sentence(self, event: AuditEvent) -> str:
        """「骑手甲 看了 新就业群体「骑手乙」」."""
        return format_html("{} {}", self.who(event), self.what(event))
