"""「进不去」: a rider who was refused at a gate; a case about an agreement, which is never public.

The community answers by the one promise of its kind. The property reads on its own page which gate
and on which day, and nothing else.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hazards.cases import reports
from hazards.cases.models.hazards import Hazard
from hazards.catalogue.models import Category
from stations.areas.models import Grid
from stations.estates import estates
from stations.estates.models import Estate, FactVersion
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

CATEGORY = "gate"  # of the catalogue; no tile of the report form, it belongs to an estate


def gates_of(estate: Estate) -> list[FactVersion]:
    """The gates of an estate that everybody reads of."""
    shown = FactVersion.objects.shown().filter(fact__estate=estate, fact__kind="gate")
    return list(shown.exclude(name="").order_by("pk"))


@transaction.atomic
def report(
    estate: Estate, *, gate: str, when: str, said: str, by: User | None, submission_key: UUID
) -> tuple[Hazard, bool]:
    """Make the case, once per key, as `reports.submit`: (the case, whether it is new).

    `gate` is a gate's name or empty, `when` in words, `said` what was said. Raises
    NotAllowedNowError where the catalogue has no such category, and as `reports.submit`.
    """
    category = Category.objects.filter(pk=CATEGORY, kind=Category.Kind.AGREEMENT).first()
    if category is None:
        raise NotAllowedNowError(_("现在收不了这样的上报，请到驿站前台说一声。"))
    row = next((one for one in gates_of(estate) if one.name == gate and one.has_point), estate)
    point, grid = None, None
    if row.has_point:
        point = geo.Point(row.latitude, row.longitude, None, "wgs84")
        grid = Grid.objects.containing(row.latitude, row.longitude)
    hazard, is_new = reports.submit(
        by=by,
        submission_key=submission_key,
        category=category,
        place=f"{estate.name} {gate}".strip(),
        description=_("%(when)s，%(said)s") % {"when": when, "said": said},
        community=estate.community,
        # Another community's grid would take the case away from whoever knows this property.
        grid=grid if grid and grid.community_id == estate.community_id else None,
        point=point,
        source=Hazard.Source.LANDMARK if point else Hazard.Source.WORDS,
    )
    if is_new:
        estates.note_refusal(estate, gate=gate)
    return hazard, is_new
