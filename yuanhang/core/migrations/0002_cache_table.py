"""The cache's table: throttles count in it."""

from django.core.management import call_command
from django.db import migrations


def make_cache(_apps, schema_editor):
    """The command skips a table that exists."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """A table that no model describes."""

    dependencies = [("yuanhang", "0001_first")]
    operations = [migrations.RunPython(make_cache, migrations.RunPython.noop)]
