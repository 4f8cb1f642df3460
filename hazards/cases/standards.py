"""Which standard a case is filed under, and who repairs what falls under it."""

from collections.abc import Sequence
from functools import reduce
from operator import and_

from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import StandardCase
from stations.postings.models import Organisation
from yuanhang.core.kept_answers import kept


def offered_standards(hazard: Hazard, *others: Hazard) -> tuple[StandardCase, ...]:
    """Every standard in use, the fitting ones first, each with `.fits`; kept until one changes.

    With `others` one fits that fits all of them. `.unit_name` and `.unit_phone` are of who repairs
    it in the subdistrict of the case, None where nobody said so; `.label` is how it is offered,
    「部件 0102 污水井盖：缺失、移位、开裂 · 2 紧急工作时」.
    """
    kinds = sorted({case.category_id for case in (hazard, *others)})
    return _standards(tuple(kinds), hazard.subdistrict_id)


@kept(
    "hazards_standardcase",
    "hazards_standardcase_categories",
    "hazards_standardcase_organisations",
    "stations_organisation",
)
def _standards(kinds: tuple[str, ...], subdistrict_id: int) -> tuple[StandardCase, ...]:
    links = StandardCase.categories.through.objects.filter(standardcase_id=OuterRef("pk"))
    fits = [Q(Exists(links.filter(category_id=kind))) for kind in kinds]
    units = _repairers(subdistrict_id).filter(standard_cases=OuterRef("pk"))
    cases = StandardCase.objects.filter(is_active=True)
    met = Case(When(reduce(and_, fits), then=Value(True)), default=Value(False))
    cases = cases.annotate(
        fits=met,
        unit_name=Subquery(units.values("name")[:1]),
        unit_phone=Subquery(units.values("phone")[:1]),
    )
    rank = Case(When(fits=True, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = tuple(cases.order_by(rank, "kind", "code", "variant"))
    for row in found:
        row.label = f"{row} · {row.limit_words}"
    return found


def suggested_standard(
    hazard: Hazard, offered: Sequence[StandardCase] | None = None
) -> StandardCase | None:
    """The standard to begin with: what the reporter tapped suggests, else the only one that fits.

    Of several none is guessed, because its limit is promised to the reporter.
    """
    rows = offered_standards(hazard) if offered is None else offered
    tapped = hazard.symptom.standard_case_id if hazard.symptom else None
    if tapped:
        return next((row for row in rows if row.pk == tapped), None)
    fitting = [row for row in rows if row.fits]
    return fitting[0] if len(fitting) == 1 else None


@kept("stations_organisation")
def kept_repairers(subdistrict_id: int) -> tuple[Organisation, ...]:
    """The responsible organisations of a subdistrict, by name; kept until one changes."""
    return tuple(_repairers(subdistrict_id))


@kept("stations_organisation", "hazards_standardcase_organisations")
def _repairer_of(standard_id: int, subdistrict_id: int) -> Organisation | None:
    return _repairers(subdistrict_id).filter(standard_cases=standard_id).first()


def _repairers(subdistrict_id: int) -> QuerySet[Organisation]:
    return Organisation.objects.filter(
        subdistrict_id=subdistrict_id,
        kind=Organisation.Kind.RESPONSIBLE,
        is_active=True,
    ).order_by("name")


def unit_of(hazard: Hazard, offered: Sequence[StandardCase] | None = None) -> Organisation | None:
    """Who repairs a case: whom it was given to, else whom its standard belongs to.

    Before a standard was chosen, whom all the fitting ones of `offered` belong to.
    """
    if hazard.organisation_id:
        return hazard.organisation
    if hazard.standard_case_id:
        return _repairer_of(hazard.standard_case_id, hazard.subdistrict_id)
    fitting = {
        (row.unit_name, row.unit_phone) for row in offered or () if row.fits and row.unit_name
    }
    name, phone = fitting.pop() if len(fitting) == 1 else ("", "")
    # Only its name and its number are asked for: no query for what the standards brought along.
    return Organisation(name=name, phone=phone) if name else None
