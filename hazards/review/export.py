"""A filtered queue as an Excel file: the facts of the hand-over sheet, one row a case."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hazards.cases.words import state_label
from yuanhang.core import geo
from yuanhang.core.excel import local_time, workbook

ROWS_MAX = 5000

COLUMNS = [
    _("编号"),
    _("状态"),
    _("紧急程度"),
    _("类别"),
    _("社区"),
    _("网格"),
    _("地点"),
    _("描述"),
    _("听写"),
    _("纬度 WGS-84"),
    _("经度 WGS-84"),
    _("纬度 GCJ-02"),
    _("经度 GCJ-02"),
    _("标准"),
    _("代码"),
    _("立案条件"),
    _("结案条件"),
    _("时限"),
    _("上报"),
    _("受理"),
    _("围护期限（物）"),
    _("围护（物）"),
    # Repaired, in touch, answered: one column for what each kind promises.
    _("办好期限"),
    _("办好"),
    _("办结"),
    _("责任单位"),
    _("外部单号"),
    _("怎么了结的"),
    _("关于"),
]


def workbook_of(hazards):
    """The bytes of an xlsx file with at most `ROWS_MAX` rows. No reporter, no contact.

    Where there are more cases, the first row says how many were left out, and how to get them.
    """
    rows = hazards.select_related("category", "community", "grid", "standard_case", "organisation")
    left_out = hazards.count() - ROWS_MAX
    return workbook({_("隐患"): _rows(rows[:ROWS_MAX], left_out)})


def _rows(hazards, left_out):
    if left_out > 0:
        yield [
            _now("只有最新的 %(rows)d 件，另有 %(left)d 件没有导出。请按时间、网格分几次导出。")
            % {"rows": ROWS_MAX, "left": left_out}
        ]
    yield COLUMNS
    for hazard in hazards.iterator(chunk_size=500):
        yield _row(hazard)


def _row(hazard):
    standard = hazard.standard_case
    shifted = ("", "")
    if hazard.has_point:
        shifted = [round(v, 6) for v in geo.wgs84_to_gcj02(hazard.latitude, hazard.longitude)]
    return [
        hazard.number,
        state_label(hazard),
        str(hazard.get_urgency_display()),
        str(hazard.category),
        str(hazard.community),
        str(hazard.grid or ""),
        hazard.place,
        hazard.description,
        hazard.heard,
        hazard.latitude,
        hazard.longitude,
        *shifted,
        f"{standard.scheme} {standard.version}" if standard else "",
        f"{standard.get_kind_display()} {standard.code}" if standard else "",
        standard.open_condition if standard else "",
        standard.close_condition if standard else "",
        standard.limit_words if standard else "",
        *(
            local_time(moment)
            for moment in (
                hazard.submitted_at,
                hazard.accepted_at,
                hazard.secure_due_at,
                hazard.secured_at,
                hazard.fix_due_at,
                hazard.fixed_at,
                hazard.closed_at,
            )
        ),
        str(hazard.organisation or ""),
        hazard.outside_number,
        hazard.end_words,
        str(hazard.category.get_kind_display()),
    ]
