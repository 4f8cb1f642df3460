"""The admin's front page: what waits for this member of staff today."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hazards.cases.access import waiting_for
from hazards.cases.models.hazards import Hazard
from stations.complaints.models import Complaint
from stations.houses.models import Facility, Station
from stations.postings.access import scope_of
from volunteers.errands.models import Errand
from volunteers.record.models.certificates import CertificateRequest
from volunteers.record.models.service_records import ServiceRecord
from volunteers.searches.models import SearchNotice
from workers import privacy_notice
from workers.models import PrivacyNotice, Worker
from yuanhang.core import audit
from yuanhang.core.holidays import CHINA
from yuanhang.core.scoped_admin import ScopedAdmin
from yuanhang.desk import package_admin

CAP = 100  # nobody counts further before breakfast, and a capped count stays cheap


def _unlogged(self, request, *what):
    """Nothing in Django's log; for what other packages bring, which has no verbs, in our trail."""
    if isinstance(self, ScopedAdmin):
        return
    # Django hands over one row, or several as a list or a queryset.
    rows = [what[0]] if isinstance(what[0], Model) else what[0]
    for row in rows:
        audit.record(f"core.edit_{row._meta.model_name}", row, by=request.user, role="admin")


UNLOGGED = dict.fromkeys(("log_addition", "log_change", "log_deletions"), _unlogged)


class DeskAdminSite(AdminSite):
    """Django's own admin under the station's name."""

    site_header = _("庆小驿 · 管理后台")
    site_title = _("庆小驿")
    index_title = _("今天")
    enable_nav_sidebar = True

    # Rights come from postings and rules in code; there is no e-mail in this product.
    left_out = frozenset({"auth.group", "account.emailaddress"})

    def register(self, model_or_iterable, admin_class=None, **options):
        """What other packages offer and nobody here needs stays away."""
        several = model_or_iterable
        if not isinstance(several, list | tuple | set):
            several = [several]
        for model in several:
            # The queue's tables and the like, in our words and to look up.
            admin_class = package_admin.ADMINS.get(model, admin_class)
        wanted = [model for model in several if model._meta.label_lower not in self.left_out]
        # Django's own log keeps the name of every row, also of people who left; our trail does not.
        super().register(wanted, admin_class, **(UNLOGGED | options))

    def index(self, request, extra_context=None):
        """The room list, with what waits above it."""
        here = {"waiting": waiting(request.user), "untrue": untrue(request.user)}
        return super().index(request, (extra_context or {}) | here)


def untrue(user):
    """(words, address or nothing) of what pages promise and is not so, or will not be soon."""
    found = []
    missing = CHINA.missing_year(timezone.localdate())
    if missing is not None:
        words = _(
            "%(year)d 年放假的日子这个系统还不知道：碰上可能放假的日子，驿站页只说「先打电话」，"
            "几个工作日的期限按周一到周五算。请管理员更新 chinesecalendar。"
        )
        found.append((words % {"year": missing}, ""))
    notice = PrivacyNotice.current()
    address = reverse("admin:workers_privacynotice_add") if user.is_superuser else ""
    if not settings.SITE_OPERATOR:
        words = _(
            "还没写主办单位：个人信息告知说它在每一页的最下面，那里现在是空的。"
            "请管理员在设置里填 SITE_OPERATOR。"
        )
        found.append((words, ""))
    if notice is None:
        found.append((_("个人信息告知还没有发布，没人能登记。"), address))
    elif not privacy_notice.is_true(notice):
        words = _("个人信息告知里「放多久」和系统实际做的不一样，请发一个新版本。")
        found.append((words, address))
    return found


def waiting(user):
    """(words, capped count, address) of the piles this person works on."""
    workers = Worker.objects.visible_to(user).waiting()
    hazards = Hazard.objects.in_charge_of(user).filter(waiting_for(user))
    broken = Facility.objects.in_need_of_care()
    if not user.is_superuser:
        own = Station.objects.filter(community__in=scope_of(user).communities)
        broken = broken.filter(zone__station__in=own)
    asked, late = CertificateRequest.objects.waiting(), ServiceRecord.objects.pending()
    if not user.is_superuser:
        communities = scope_of(user).communities
        asked, late = (
            asked.filter(community__in=communities),
            late.filter(community__in=communities),
        )
    confirm = reverse("admin:workers_worker_changelist") + "?confirmed=no"
    facilities = reverse("admin:stations_facility_changelist") + "?needs=care"
    errands = reverse("admin:volunteers_errand_changelist") + "?state__exact=done"
    done = Errand.objects.managed_by(user).filter(state=Errand.State.DONE)
    overdue = Hazard.objects.in_charge_of(user).due_before(timezone.now())[:CAP].count()
    late_queue = reverse("hazards:queue") + "?tab=overdue"
    said = Complaint.objects.visible_to(user).waiting()[:CAP].count()
    running = SearchNotice.objects.managed_by(user).running()[:CAP].count()
    searches = reverse("admin:volunteers_searchnotice_changelist") + "?running=yes"
    return [
        *([(_("正在找的人"), running, searches)] if running else []),
        *([(_("超时的隐患"), overdue, late_queue)] if overdue else []),
        *([(_("没答复的投诉建议"), said, reverse("complaints:inbox"))] if said else []),
        (_("待确认的登记"), workers[:CAP].count(), confirm),
        (_("等你处理的隐患"), hazards[:CAP].count(), reverse("hazards:queue")),
        (_("要开的服务证明"), asked[:CAP].count(), reverse("volunteers:records")),
        (_("等人确认的补录"), late[:CAP].count(), reverse("volunteers:records")),
        (_("办好待确认的顺路任务"), done[:CAP].count(), errands),
        (_("坏了或缺货的设施"), broken[:CAP].count(), facilities),
    ]
