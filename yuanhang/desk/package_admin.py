"""What other packages keep, shown in the admin in our words, to look up and not to edit.

The queue's tables and the second factors have neither verbs nor words of ours. Nothing of them is
typed by hand; a failed job may be run again, and a lost second factor taken away.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from yuanhang.core.jobs import QUEUES, ScheduledJob, enqueue
from yuanhang.core.rooms import scheduled_jobs

ERROR_MAX = 100  # characters of what went wrong that a list shows


def job_words(function: str) -> str:
    """What a job of the queue does; for one that has no words its dotted path."""
    known: dict[str, ScheduledJob] = {job.function: job for job in scheduled_jobs()}
    found = known.get(function)
    return str(found.words) if found and found.words else function


class JobAdmin(admin.ModelAdmin):
    """Rows of the queue, which nobody writes."""

    show_full_result_count = False
    list_filter = ()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    @admin.display(description=_("做什么"))
    def job(self, row):
        """In words."""
        return job_words(row.func)


class ScheduleAdmin(JobAdmin):
    """定时任务: what runs by itself, and when next."""

    list_display = ("job", "next_run", "every", "is_fine")
    fields = ("job", "every", "next_run", "func", "is_fine")

    @admin.display(description=_("每隔"))
    def every(self, row):
        """Minutes between two runs."""
        return _("%(n)d 分钟") % {"n": row.minutes or 0}

    @admin.display(description=_("上次办成了"), boolean=True)
    def is_fine(self, row):
        """Whether the last run went well; nothing before the first."""
        return self.outcomes.get(row.task)

    def get_queryset(self, request):
        # One query for what became of all of them.
        found = super().get_queryset(request)
        ran = Task.objects.filter(id__in=found.values("task"))
        self.outcomes = dict(ran.values_list("id", "success"))
        return found


class SuccessAdmin(JobAdmin):
    """办成的任务."""

    list_display = ("job", "started", "stopped")
    fields = ("job", "func", "started", "stopped", "attempt_count")


class FailureAdmin(JobAdmin):
    """没办成的任务: why, and once more."""

    list_display = ("job", "started", "stopped", "why")
    fields = ("job", "func", "started", "stopped", "attempt_count", "result")
    actions = ("again",)

    @admin.display(description=_("原因"))
    def why(self, row):
        """The beginning of what went wrong."""
        return str(row.result or "")[:ERROR_MAX]

    @admin.action(description=_("再办一次"), permissions=["view"])
    def again(self, request, queryset):
        """Put the jobs into the queue anew; the failures go."""
        count = 0
        for task in queryset:
            queue = task.cluster if task.cluster in QUEUES else ""
            enqueue(task.func, *task.args or (), queue=queue, **task.kwargs or {})
            task.delete()
            count += 1
        self.message_user(request, _("%(n)d 个任务又排上了。") % {"n": count}, messages.SUCCESS)


class QueuedAdmin(JobAdmin):
    """排着队的任务."""

    list_display = ("job", "lock")
    fields = ("job", "lock")

    @admin.display(description=_("做什么"))
    def job(self, row):
        return job_words(row.func())


class SecondFactorAdmin(JobAdmin):
    """第二道验证: who has one; taken away where the telephone is lost. Its secret is not shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


ADMINS = {
    Schedule: ScheduleAdmin,
    Success: SuccessAdmin,
    Failure: FailureAdmin,
    OrmQ: QueuedAdmin,
    Authenticator: SecondFactorAdmin,
}
NAMES = {
    Schedule: _("定时任务"),
    Success: _("办成的任务"),
    Failure: _("没办成的任务"),
    OrmQ: _("排着队的任务"),
    Authenticator: _("第二道验证"),
}
APPS = {"django_q": _("后台任务"), "mfa": _("登录验证")}
COLUMNS: dict[Any, dict[str, Any]] = {
    Schedule: {"next_run": _("下次"), "func": _("程序")},
    Task: {
        "func": _("程序"),
        "started": _("开始"),
        "stopped": _("结束"),
        "attempt_count": _("试了几次"),
        "result": _("结果"),
    },
    OrmQ: {"lock": _("最早几时办")},
    Authenticator: {
        "user": _("账号"),
        "type": _("方式"),
        "created_at": _("什么时候设的"),
        "last_used_at": _("上次用"),
    },
}


def install_words() -> None:
    """Name other packages' tables and columns; migrations do not see it, they read the source."""
    for label, words in APPS.items():
        apps.get_app_config(label).verbose_name = words
    for model, words in NAMES.items():
        model._meta.verbose_name = model._meta.verbose_name_plural = words
    for model, columns in COLUMNS.items():
        for heir in (model, *model.__subclasses__()):
            for name, words in columns.items():
                heir._meta.get_field(name).verbose_name = words
