"""Earlier ratings: the case still has the last one, unless it was opened again meanwhile."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """From the case's own column, for the last of its steps that rated."""
    steps = apps.get_model("hazards", "Step").objects.filter(verb="rate")
    hazards = apps.get_model("hazards", "Hazard").objects.filter(pk=OuterRef("hazard"))
    last = (
        steps.filter(hazard__rating__isnull=False)
        .order_by("hazard_id", "-pk")
        .distinct("hazard_id")
    )
    steps.filter(pk__in=list(last.values_list("pk", flat=True))).update(
        rating=Subquery(hazards.values("rating")[:1])
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("hazards", "0013_step_rating")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
