"""The lines move every minute."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="move_lines",
        defaults={
            "func": "volunteers.tasks.move_lines",
            "schedule_type": "I",
            "minutes": 1,
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("volunteers", "0001_activities_and_signups"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
