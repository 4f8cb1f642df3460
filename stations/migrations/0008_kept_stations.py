from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [("stations", "0007_opening_times_and_closures")]

    operations = [
        watch(
            "stations_closure",
            "stations_facility",
            "stations_longerhours",
            "stations_openinghours",
            "stations_zone",
        )
    ]
