"""Places and posts: community staff keep their own, administrators everything."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from stations.robots import robots
from stations.robots.models import ChatRobot
from yuanhang.core.scoped_admin import ScopedAdmin
from yuanhang.core.words import spoken


class RobotForm(forms.ModelForm):
    """A robot; its address goes in and never comes out again."""

    url = forms.CharField(
        label=_("Webhook 地址"),
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=_("地址就是密码，存好以后只显示最后四位。留空则不改。"),
    )

    class Meta:
        model = ChatRobot
        fields = ("name", "grid", "community", "url", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["url"] = ""  # so that an empty field is no change
        if self.instance.pk:
            self.fields["url"].required = False
            self.fields["url"].widget.attrs["placeholder"] = self.instance.masked_url

    def clean_url(self):
        """What was typed, else what is stored."""
        return self.cleaned_data["url"] or self.instance.url


@admin.register(ChatRobot)
class ChatRobotAdmin(ScopedAdmin):
    """群机器人: whoever sets one decides which chat hears of a place, so administrators only."""

    form = RobotForm
    list_display = ("name", "place", "masked", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("grid", "community")
    search_fields = ("name",)
    fields = ("name", "grid", "community", "url", "is_active", "recent")
    readonly_fields = ("recent",)
    actions = ("test",)

    @admin.display(description=_("网格或社区"))
    def place(self, obj):
        return obj.place

    @admin.display(description=_("Webhook 地址"))
    def masked(self, obj):
        """The last four characters of the key."""
        return obj.masked_url

    @admin.display(description=_("最近的消息"))
    def recent(self, obj):
        """When, what became of it, and why; the text itself is in the group."""
        if obj.pk is None:
            return "–"
        lines = []
        for message in obj.messages.all()[:10]:
            lines.append((spoken(message.created_at), message.get_state_display(), message.error))
        return format_html_join(mark_safe("<br>"), "{} {} {}", lines) or "–"

    @admin.action(description=_("发一条测试消息"), permissions=["change"])
    def test(self, request, queryset):
        """One message per robot that is switched on; what became of it stands on its page."""
        active = [robot for robot in queryset if robot.is_active]
        for robot in active:
            robots.send_test(robot, by=request.user)
        self.message_user(request, _("%(n)d 条测试消息在路上了。") % {"n": len(active)})
        if len(active) < len(queryset):
            self.message_user(request, _("没启用的机器人没有发。"), messages.WARNING)

    def create_row(self, request, row, form):
        robots.create(row, by=request.user)

    def edit_row(self, request, row, form):
        robots.edit(row, by=request.user)

    def remove_row(self, request, row):
        robots.remove(row, by=request.user)
