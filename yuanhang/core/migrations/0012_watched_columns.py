from django.db import migrations

from yuanhang.core.kept_answers import watch_column

# Of a table that is written all the time, such as people at each log-in, one column counts.
WATCHED = """
CREATE FUNCTION yuanhang_watch_column(name text, which text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER kept_answers AFTER UPDATE OF %2$I ON %1$I FOR EACH ROW'
    ' WHEN (OLD.%2$I IS DISTINCT FROM NEW.%2$I) EXECUTE FUNCTION yuanhang_note_change()',
    name, which);
  INSERT INTO yuanhang_tableversion AS kept (name, version) VALUES ($1, gen_random_uuid())
    ON CONFLICT ON CONSTRAINT yuanhang_tableversion_pkey DO UPDATE SET version = excluded.version;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("yuanhang", "0011_table_versions"),
    ]

    operations = [
        migrations.RunSQL([WATCHED], ["DROP FUNCTION yuanhang_watch_column(text, text)"]),
        watch_column("yuanhang_user", "is_active"),
    ]
