"""Pictures for everybody: a covered copy beside the original, and the month's closed cases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """No picture becomes public by it."""

    dependencies = [
        ("hazards", "0007_first_replies"),
    ]

    operations = [
        migrations.AddField(
            model_name="hazardphoto",
            name="cover",
            field=models.JSONField(default=list, editable=False, verbose_name="遮盖框"),
        ),
        migrations.AddField(
            model_name="hazardphoto",
            name="is_public",
            field=models.BooleanField(default=False, editable=False, verbose_name="公开"),
        ),
        migrations.AddField(
            model_name="hazardphoto",
            name="public_image",
            field=models.FileField(
                blank=True,
                default="",
                editable=False,
                max_length=120,
                upload_to="",
                verbose_name="公开的照片",
            ),
        ),
        migrations.AddIndex(
            model_name="hazard",
            index=models.Index(
                condition=models.Q(("state", "closed")),
                fields=["-closed_at", "-id"],
                name="hazard_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="hazardphoto",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_public", True), models.Q(("public_image", ""), _negated=True)),
                    models.Q(("is_public", False), ("public_image", "")),
                    _connector="OR",
                ),
                name="photo_public_is_covered_copy",
            ),
        ),
    ]
