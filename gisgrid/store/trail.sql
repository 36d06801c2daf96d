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

-- Counts the changes of a table; caches compare these counts. They are only noted here, and counted when the
-- transaction commits: whoever counts holds the table's row, and one who draws for a minute, or tries something
-- that is taken back, would hold up everybody else who changes that table.
CREATE OR REPLACE FUNCTION gisgrid.count_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    noted text[] := string_to_array(current_setting('gisgrid.noted', true), ' ');
BEGIN
    IF NOT TG_TABLE_NAME = ANY (coalesce(noted, '{}')) THEN
        PERFORM set_config('gisgrid.noted', array_to_string(noted || TG_TABLE_NAME::text, ' '), true);
        INSERT INTO gisgrid.change_noted (table_name) VALUES (TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END
$$;

-- All that is noted is the transaction's own: others' notes go with the commit that shows them. In the order of
-- names, so that two that commit at once do not wait for each other.
CREATE OR REPLACE FUNCTION gisgrid.count_noted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH gone AS (DELETE FROM gisgrid.change_noted RETURNING table_name)
    INSERT INTO gisgrid.data_version AS v (table_name, version)
    SELECT DISTINCT table_name, 1 FROM gone ORDER BY table_name
    ON CONFLICT (table_name) DO UPDATE SET version = v.version + 1, changed_at = now();
    RETURN NULL;
END
$$;

-- A plan that was published never changes; it can only be superseded. Grids and levels change in drafts alone,
-- so that what was reviewed is what is published, and a grid's path is that of the grids above it: it says who
-- oversees what. The shared lock makes a change of grids and a change of the plan's state wait for each other.
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
        IF TG_OP = 'UPDATE' AND NEW.state = 'superseded' AND OLD.state NOT IN ('published', 'superseded') THEN
            RAISE EXCEPTION USING MESSAGE = 'a plan that never held is not superseded', ERRCODE = 'GG001';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.state = 'published' AND OLD.state <> 'published' AND EXISTS (
            SELECT FROM gisgrid.grid g LEFT JOIN gisgrid.grid a ON a.id = coalesce(g.parent_id, g.owner_id)
            WHERE g.plan_id = NEW.id
                AND (g.path <> coalesce(a.path, '{}') || g.uid OR a.plan_id <> g.plan_id))
        THEN
            RAISE EXCEPTION USING MESSAGE = 'the paths of grids are not those of the grids above', ERRCODE = 'GG001';
        END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN
            SELECT p.state INTO plan_state FROM gisgrid.plan p WHERE p.id = OLD.plan_id FOR SHARE;
            IF plan_state <> 'draft' THEN
                RAISE EXCEPTION USING MESSAGE = 'only drafts change', ERRCODE = 'GG001';
            END IF;
        END IF;
        IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.plan_id <> OLD.plan_id THEN
            SELECT p.state INTO plan_state FROM gisgrid.plan p WHERE p.id = NEW.plan_id FOR SHARE;
            IF plan_state <> 'draft' THEN
                RAISE EXCEPTION USING MESSAGE = 'only drafts change', ERRCODE = 'GG001';
            END IF;
        END IF;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
