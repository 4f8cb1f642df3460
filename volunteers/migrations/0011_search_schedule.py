"""What tells of a person goes from searches that are over, by the hour."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    apps.get_model("django_q", "Schedule").objects.get_or_create(
        name="erase_searches",
        defaults={
            "func": "volunteers.tasks.erase_searches",
            "schedule_type": "H",
            "repeats": -1,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("volunteers", "0010_searches"),
        ("django_q", "0018_task_success_index"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
