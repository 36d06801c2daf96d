-- What changed, and how often. Triggers write both as the owner, whoever makes the change.

CREATE OR REPLACE FUNCTION gisgrid.actor() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(
        (SELECT a.login FROM gisgrid.identity() i JOIN gisgrid.account a ON a.id = i.account_id),
        -- Only the operator's own shell connects as the owner; it says who is there.
        CASE WHEN session_user = (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'gisgrid')
             THEN 'shell:' || coalesce(nullif(current_setting('gisgrid.operator', true), ''), '?') END,
        session_user::text)
$$;

-- Counts the changes of a table; caches compare these counts.
CREATE OR REPLACE FUNCTION gisgrid.count_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gisgrid.data_version AS v (table_name, version) VALUES (TG_TABLE_NAME, 1)
    ON CONFLICT (table_name) DO UPDATE SET version = v.version + 1, changed_at = now();
    RETURN NULL;
END
$$;

-- A plan that was published never changes, and neither do its grids; it can only be superseded.
CREATE OR REPLACE FUNCTION gisgrid.keep_published() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plan_state text;
BEGIN
    IF TG_TABLE_NAME = 'plan' THEN
        IF OLD.state IN ('published', 'superseded') AND (
            TG_OP = 'DELETE' OR NEW.state NOT IN ('published', 'superseded')
            OR (OLD.state = 'superseded' AND NEW.state = 'published')
            OR NEW.valid_from IS DISTINCT FROM OLD.valid_from OR NEW.checksum IS DISTINCT FROM OLD.checksum)
        THEN
            RAISE EXCEPTION USING MESSAGE = 'a published plan never changes', ERRCODE = 'GG001';
        END IF;
    ELSE
        SELECT p.state INTO plan_state FROM gisgrid.plan p
        WHERE p.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.plan_id ELSE OLD.plan_id END;
        IF plan_state IN ('published', 'superseded') THEN
            RAISE EXCEPTION USING MESSAGE = 'the grids of a published plan never change', ERRCODE = 'GG001';
        END IF;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
