"""Earlier dispatches: the case still says to whom, unless it came back meanwhile."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """From the case's own column."""
    steps = apps.get_model("hazards", "Step").objects.filter(verb="dispatch")
    hazards = apps.get_model("hazards", "Hazard").objects.filter(pk=OuterRef("hazard"))
    steps.filter(hazard__organisation__isnull=False).update(
        organisation=Subquery(hazards.values("organisation")[:1])
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("hazards", "0011_step_organisation")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
