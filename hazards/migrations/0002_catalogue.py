"""Categories and standard cases from the data file."""

from django.db import migrations

from hazards import catalogue


def load(apps, schema_editor):
    """Add what is missing."""
    catalogue.load(apps.get_model("hazards", "Category"), apps.get_model("hazards", "StandardCase"))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("hazards", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
