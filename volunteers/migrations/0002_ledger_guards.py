"""The ledger guards itself: only adding, nothing above a session's length, a second person.

Erasing an account sets the columns that name people to null; that is the one change let through.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION volunteers_ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'user_id' - 'by_id' = to_jsonb(OLD) - 'user_id' - 'by_id'
        AND coalesce(to_jsonb(NEW)->>'user_id', to_jsonb(OLD)->>'user_id')
            IS NOT DISTINCT FROM to_jsonb(OLD)->>'user_id'
        AND coalesce(NEW.by_id, OLD.by_id) IS NOT DISTINCT FROM OLD.by_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER record_stays BEFORE UPDATE OR DELETE ON volunteers_servicerecord
    FOR EACH ROW EXECUTE FUNCTION volunteers_ledger_stays();
CREATE TRIGGER confirmation_stays BEFORE UPDATE OR DELETE ON volunteers_confirmation
    FOR EACH ROW EXECUTE FUNCTION volunteers_ledger_stays();

CREATE FUNCTION volunteers_record_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended timestamptz; length bigint; others bigint;
BEGIN
    IF NEW.user_id IS NULL THEN
        RAISE EXCEPTION 'minutes belong to a person' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.session_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT ends_at, floor(extract(epoch FROM ends_at - starts_at) / 60) INTO ended, length
        FROM volunteers_activitysession WHERE id = NEW.session_id FOR NO KEY UPDATE;
    IF ended > now() THEN
        RAISE EXCEPTION 'the session has not ended' USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(r.minutes), 0) INTO others FROM volunteers_servicerecord r
        LEFT JOIN volunteers_confirmation c ON c.record_id = r.id
        WHERE r.session_id = NEW.session_id AND r.user_id = NEW.user_id
            AND coalesce(c.is_accepted, true);
    IF others + NEW.minutes NOT BETWEEN 0 AND length THEN
        RAISE EXCEPTION 'minutes beyond the session' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER record_fits BEFORE INSERT ON volunteers_servicerecord
    FOR EACH ROW EXECUTE FUNCTION volunteers_record_fits();

CREATE FUNCTION volunteers_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_id IS NULL OR NOT EXISTS (
        SELECT 1 FROM volunteers_servicerecord r WHERE r.id = NEW.record_id AND r.needs_second
            AND r.by_id IS DISTINCT FROM NEW.by_id AND r.user_id IS DISTINCT FROM NEW.by_id
    ) THEN
        RAISE EXCEPTION 'somebody else has to confirm' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER second_person BEFORE INSERT ON volunteers_confirmation
    FOR EACH ROW EXECUTE FUNCTION volunteers_second_person();
"""

AWAY = """
DROP TRIGGER second_person ON volunteers_confirmation;
DROP TRIGGER confirmation_stays ON volunteers_confirmation;
DROP TRIGGER record_fits ON volunteers_servicerecord;
DROP TRIGGER record_stays ON volunteers_servicerecord;
DROP FUNCTION volunteers_second_person();
DROP FUNCTION volunteers_record_fits();
DROP FUNCTION volunteers_ledger_stays();
"""


class Migration(migrations.Migration):
    """Triggers only."""

    dependencies = [("volunteers", "0001_first")]
    operations = [migrations.RunSQL(GUARDS, AWAY)]
