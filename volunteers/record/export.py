"""A volunteer's record as an Excel file: one sheet a group."""

from django.utils.translation import gettext_lazy as _

from volunteers.record.presenter import entries_of, record_of, trainings_of
from yuanhang.core.excel import local_time, workbook
from yuanhang.core.models import User


def workbook_of(person: User) -> bytes:
    """The bytes of an xlsx file with the five groups of one person's record, complete."""
    record = record_of(person)
    worker = record.worker
    groups = {
        _("个人基本信息"): [
            (_("称呼"), person.display_name),
            (_("手机号"), person.masked_phone),
            (_("志愿者编号"), str(record.number or "")),
            (_("工种"), str(worker.get_job_display()) if worker else ""),
            (_("社区"), str(worker.community) if worker else ""),
            (_("登记时间"), local_time(worker.created_at) if worker else None),
            (_("服务总分钟"), record.total),
        ],
        _("志愿服务情况"): [
            (_("日期"), _("内容"), _("社区"), _("分钟"), _("来源"), _("状态"), _("原因")),
            *(_entry(entry) for entry in entries_of(person)),
        ],
        _("培训情况"): [
            (_("日期"), _("内容"), _("课程"), _("第几讲"), _("组织单位"), _("分钟"), _("结果")),
            *(_training(training) for training in trainings_of(person)),
            (),
            (_("技能"), _("来源"), _("从"), _("到"), _("发证单位")),
            *(_qualification(held) for held in person.qualifications.select_related("skill")),
        ],
        _("表彰奖励情况"): _words(person, "award"),
        _("评价情况"): _words(person, "evaluation"),
    }
    return workbook(groups)


def _entry(entry):
    return (
        entry.on,
        entry.content,
        str(entry.community),
        entry.minutes,
        str(entry.get_source_display()),
        str(entry.standing),
        entry.reason,
    )


def _training(training):
    return (
        training.on,
        training.title,
        str(training.course or ""),
        training.part,
        training.organiser,
        training.minutes,
        str(_("通过") if training.is_passed else _("没通过")),
    )


def _qualification(held):
    source = str(held.get_source_display())
    return (held.skill.name, source, held.since, held.until, held.issuer)


def _words(person, kind):
    rows = person.commendations.current().filter(kind=kind)
    return [(_("时间"), _("内容")), *((local_time(row.at), row.text) for row in rows)]
