"""The hand-over sheet: everything the next pair of hands needs, so that nobody types it again.

Frozen as it was when the case was escalated. No name or phone of the reporter unless they said
the repairers may call.
"""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from hazards.cases.kind_words import SENTENCES
from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.steps import Step
from hazards.catalogue.models import Category
from yuanhang.core import geo
from yuanhang.core.gathered import Kind
from yuanhang.core.text import clean
from yuanhang.core.worded import worded
from yuanhang.core.words import full_moment


def freeze(hazard, note=""):
    """The sheet's facts as JSON, taken at this moment."""
    photos, voices, followers, steps = _parts_of(hazard)
    sheet = _facts(hazard, note) | {
        "at": timezone.now().isoformat(),
        "photos": photos,
        "voices": voices,
        "reports": 1 + followers,
        "steps": [
            {"at": step.at.isoformat(), "verb": step.verb, "note": step.note}
            for step in STEPS.rows(steps)
        ],
    }
    if hazard.shares_contact:
        sheet["contact"] = " ".join(filter(None, (hazard.contact_name, hazard.contact_phone)))
    return sheet


STEPS = Kind(Step, "verb", "at", "note")


def _parts_of(hazard):
    """Keys of four photos, the number of voice notes and of followers, the steps; one query."""
    asked = (_photos, _voices, _followers, _steps)
    columns = [question(type(hazard)) for question in asked]
    return type(hazard).objects.filter(pk=hazard.pk).order_by().values_list(*columns).get()


@worded("id")
def _photos(_model):
    photos = HazardPhoto.objects.filter(hazard=OuterRef("id")).order_by("id")
    return ArraySubquery(photos.values("pk")[:4])


def _count(rows, key):
    return Coalesce(Subquery(rows.order_by().values(key).annotate(n=Count("pk")).values("n")), 0)


@worded("id")
def _voices(_model):
    return _count(HazardVoice.objects.filter(hazard=OuterRef("id")), "hazard")


@worded("id")
def _followers(model):
    return _count(model.objects.filter(main=OuterRef("id")), "main")


@worded("id")
def _steps(_model):
    return STEPS.of(Step.objects.filter(hazard=OuterRef("id")).order_by("id"))


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
