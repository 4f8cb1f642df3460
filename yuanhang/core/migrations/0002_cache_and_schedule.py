"""The cache's table, and the job that sends what an outage left behind."""

from django.core.management import call_command
from django.db import migrations


def make_cache(apps, schema_editor):
    """Throttles count in this table; the command skips one that exists."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def schedule(apps, schema_editor):
    """Every minute."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="sweep_deliveries",
        defaults={
            "func": "yuanhang.core.tasks.sweep_deliveries",
            "schedule_type": "I",
            "minutes": 1,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("yuanhang", "0001_initial"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [
        migrations.RunPython(make_cache, migrations.RunPython.noop),
        migrations.RunPython(schedule, migrations.RunPython.noop),
    ]
