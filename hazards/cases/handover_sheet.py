"""The hand-over sheet: everything the next pair of hands needs, so that nobody types it again.

Frozen as it was when the case was escalated. No name or phone of the reporter unless they said
the repairers may call.
"""

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from hazards.cases.kind_words import SENTENCES
from hazards.catalogue.models import Category
from yuanhang.core import geo
from yuanhang.core.text import clean
from yuanhang.core.words import full_moment


def freeze(hazard, note=""):
    """The sheet's facts as JSON, taken at this moment."""
    sheet = _facts(hazard, note) | {
        "at": timezone.now().isoformat(),
        "photos": list(hazard.photos.order_by("id").values_list("pk", flat=True)[:4]),
        "voices": hazard.voices.count(),
        "reports": 1 + hazard.merged.count(),
        "steps": [
            {"at": step.at.isoformat(), "verb": step.verb, "note": step.note}
            for step in hazard.steps.all()
        ],
    }
    if hazard.shares_contact:
        sheet["contact"] = " ".join(filter(None, (hazard.contact_name, hazard.contact_phone)))
    return sheet


def _facts(hazard, note=""):
    """What the case itself says; asks no further row."""
    facts = {
        "number": hazard.number,
        "category": str(hazard.category),
        "urgency": hazard.get_urgency_display(),
        "community": str(hazard.community),
        "grid": str(hazard.grid) if hazard.grid_id else "",
        "place": hazard.place,
        "description": hazard.description,
        "note": note,
        "submitted_at": hazard.submitted_at.isoformat(),
        "secured_at": hazard.secured_at.isoformat() if hazard.secured_at else "",
        "secure_due_at": hazard.secure_due_at.isoformat() if hazard.secure_due_at else "",
        "fix_due_at": hazard.fix_due_at.isoformat() if hazard.fix_due_at else "",
        "kind": hazard.category.kind,
        **_standard_of(hazard.standard_case),
    }
    if hazard.has_point:
        latitude, longitude = geo.wgs84_to_gcj02(hazard.latitude, hazard.longitude)
        facts |= {
            "wgs84": [round(hazard.latitude, 6), round(hazard.longitude, 6)],
            "gcj02": [round(latitude, 6), round(longitude, 6)],
            "accuracy": hazard.accuracy,
        }
    return facts


def _standard_of(standard):
    """What the standard says; nothing for what is about people or an agreement."""
    names = ("scheme", "version", "code", "name", "open_condition", "close_condition", "limit")
    if standard is None:
        return dict.fromkeys(names, "")
    return {
        "scheme": standard.scheme,
        "version": standard.version,
        "code": f"{standard.get_kind_display()} {standard.code}",
        "name": standard.name,
        "open_condition": standard.open_condition,
        "close_condition": standard.close_condition,
        "limit": standard.limit_words,
    }


def sheet_of(hazard):
    """The frozen sheet, or for a case not yet handed up the sheet as it would be now.

    What a voice note says is written down later, and goes with the note: it is never frozen.
    """
    return (hazard.handover or freeze(hazard)) | {"heard": hazard.heard}


def limit_words(sheet):
    """「2026 年 11 月 27 日 16:00 前联系上」: the one promise where nothing is to be repaired."""
    due = full_moment(parse_datetime(sheet["fix_due_at"]))
    # A sheet frozen before it knew kinds was about a thing.
    task = SENTENCES["task"][Category.Kind(sheet.get("kind", Category.Kind.THING))]
    return _("%(due)s 前%(task)s") % {"due": due, "task": task}


def repair_text(hazard):
    """抄下报修话: what the unit is told on the telephone or in a chat; no name, no phone."""
    return as_text(_facts(hazard) | {"heard": hazard.heard})


def as_text(sheet, url=""):
    """The sheet for a chat group: short lines, no name, no phone."""
    lines = [
        _("【交办】%(number)s %(category)s（%(urgency)s）") % sheet,
        _("地点：%(where)s")
        % {"where": " · ".join(filter(None, (sheet["place"], sheet["grid"], sheet["community"])))},
    ]
    if "wgs84" in sheet:
        lines.append(_("坐标：WGS-84 %(a)s, %(b)s") % _pair(sheet["wgs84"]))
        lines.append(_("　　　GCJ-02 %(a)s, %(b)s（高德、腾讯）") % _pair(sheet["gcj02"]))
    if sheet["code"]:
        lines.append(_("立案：%(code)s %(name)s，%(open_condition)s") % sheet)
        lines.append(_("结案：%(close_condition)s　时限：%(limit)s") % sheet)
    elif sheet["fix_due_at"]:
        lines.append(_("时限：%(limit)s") % {"limit": limit_words(sheet)})
    if sheet["description"]:
        lines.append(_("情况：%(description)s") % sheet)
    if sheet["heard"]:
        lines.append(_("语音：%(heard)s") % {"heard": sheet["heard"].replace("\n", "；")})
    if sheet["note"]:
        lines.append(_("网格员：%(note)s") % sheet)
    # In a chat nothing fences a name, so what turns the direction of a line stays out of it.
    return clean("\n".join([*lines, url] if url else lines))


def _pair(point):
    return {"a": f"{point[0]:.6f}", "b": f"{point[1]:.6f}"}
