"""The watch over promises looks every five minutes."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="watch_promises",
        defaults={
            "func": "hazards.tasks.watch_promises",
            "schedule_type": "I",
            "minutes": 5,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("hazards", "0004_two_clocks_and_merging"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
