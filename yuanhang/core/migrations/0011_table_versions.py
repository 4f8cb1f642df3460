from django.db import migrations, models

# In the transaction of the change: whoever sees the one sees the other.
NOTED = """
CREATE FUNCTION yuanhang_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO yuanhang_tableversion (name, version) VALUES (TG_TABLE_NAME, gen_random_uuid())
    ON CONFLICT (name) DO UPDATE SET version = excluded.version;
  RETURN NULL;
END $$
"""
WATCHED = """
CREATE FUNCTION yuanhang_watch(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER kept_answers AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I'
    ' FOR EACH STATEMENT EXECUTE FUNCTION yuanhang_note_change()', name);
  INSERT INTO yuanhang_tableversion AS kept (name, version) VALUES ($1, gen_random_uuid())
    ON CONFLICT ON CONSTRAINT yuanhang_tableversion_pkey DO UPDATE SET version = excluded.version;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0010_indexes_of_a_long_trail"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableVersion",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=63, primary_key=True, serialize=False, verbose_name="表"
                    ),
                ),
                ("version", models.UUIDField(verbose_name="版本")),
            ],
            options={
                "verbose_name": "资料版本",
                "verbose_name_plural": "资料版本",
            },
        ),
        migrations.RunSQL([NOTED], ["DROP FUNCTION yuanhang_note_change()"]),
        migrations.RunSQL([WATCHED], ["DROP FUNCTION yuanhang_watch(text)"]),
    ]
