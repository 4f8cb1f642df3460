from django.db import migrations

from yuanhang.core.kept_answers import watch


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0011_table_versions"),
        ("stations", "0004_street_maps"),
    ]

    operations = [
        watch(
            "stations_community",
            "stations_grid",
            "stations_landmark",
            "stations_mapshape",
            "stations_organisation",
            "stations_station",
            "stations_streetmap",
        ),
    ]
