from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0004_labels_for_every_kind"),
    ]

    operations = [
        migrations.AddField(
            model_name="hazard",
            name="files_digest",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
    ]
