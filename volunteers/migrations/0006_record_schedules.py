"""Sessions nobody touched settle themselves, hourly; skills about to end are told of, daily."""

from django.db import migrations

JOBS = {
    "settle_sessions": ("volunteers.tasks.settle_sessions", 60),
    "warn_expiries": ("volunteers.tasks.warn_expiries", 24 * 60),
}


def schedule(apps, schema_editor):
    """Once; an edited schedule stays as it is."""
    schedules = apps.get_model("django_q", "Schedule").objects
    for name, (function, minutes) in JOBS.items():
        schedules.get_or_create(
            name=name,
            defaults={
                "func": function,
                "schedule_type": "I",
                "minutes": minutes,
                "repeats": -1,
            },
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("volunteers", "0005_the_ledger_stays")]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
