"""A place has both coordinates or none; the first check let half a place pass (null)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Constraints only."""

    dependencies = [
        ("stations", "0002_emergency_numbers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="landmark",
            name="landmark_point",
        ),
        migrations.RemoveConstraint(
            model_name="station",
            name="station_point",
        ),
        migrations.AddConstraint(
            model_name="landmark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(
                        ("latitude__gte", -90),
                        ("latitude__isnull", False),
                        ("latitude__lte", 90),
                        ("longitude__gte", -180),
                        ("longitude__isnull", False),
                        ("longitude__lte", 180),
                    ),
                    _connector="OR",
                ),
                name="landmark_point",
            ),
        ),
        migrations.AddConstraint(
            model_name="station",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(
                        ("latitude__gte", -90),
                        ("latitude__isnull", False),
                        ("latitude__lte", 90),
                        ("longitude__gte", -180),
                        ("longitude__isnull", False),
                        ("longitude__lte", 180),
                    ),
                    _connector="OR",
                ),
                name="station_point",
            ),
        ),
    ]
