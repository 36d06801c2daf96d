-- The course of a plan. A plan's state changes along with a decision only, and who may decide what is judged here,
-- by the token, whatever the application asks for. The operator's own shell, which connects as the owner, is free.

CREATE OR REPLACE FUNCTION gisgrid.is_operator() RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT session_user = (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'gisgrid')
$$;

-- Who wrote a row, and when: never what the row itself claims.
CREATE OR REPLACE FUNCTION gisgrid.sign() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.account_id := gisgrid.acting_account();
    NEW.by_login := gisgrid.actor();
    NEW.at := now();
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION gisgrid.refuse(what text, code text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = what, ERRCODE = code;
END
$$;

-- Planners submit and withdraw, discard drafts and restore them; approvers return, approve and publish. Nobody approves what he submitted himself,
-- but an administrator of the whole platform, who must say why: a small office may have nobody else.
CREATE OR REPLACE FUNCTION gisgrid.decide() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who record;
    stands text;
    last text;
    submitted_by bigint;
BEGIN
    IF gisgrid.is_operator() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO who FROM gisgrid.identity();
    IF NOT coalesce(who.may_write, false) OR NOT gisgrid.oversees_plan(NEW.plan_id)
        OR NOT who.role = ANY (CASE WHEN NEW.action IN ('submit', 'withdraw', 'discard', 'restore')
                                    THEN '{admin,planner}'::text[] ELSE '{admin,approver}'::text[] END)
    THEN
        PERFORM gisgrid.refuse('not theirs to decide', '42501');
    END IF;
    SELECT p.state INTO stands FROM gisgrid.plan p WHERE p.id = NEW.plan_id FOR UPDATE;
    SELECT d.action INTO last FROM gisgrid.decision d WHERE d.plan_id = NEW.plan_id ORDER BY d.id DESC LIMIT 1;
    IF stands IS DISTINCT FROM (CASE NEW.action
            WHEN 'submit' THEN 'draft' WHEN 'discard' THEN 'draft' WHEN 'restore' THEN 'discarded'
            ELSE 'in_review' END)
        OR NEW.action = 'publish' AND last IS DISTINCT FROM 'approve'
        OR NEW.action = 'approve' AND last = 'approve'
    THEN
        PERFORM gisgrid.refuse('not a step from where the plan stands', 'GG002');
    END IF;
    IF NEW.action = 'approve' THEN
        SELECT d.account_id INTO submitted_by FROM gisgrid.decision d
        WHERE d.plan_id = NEW.plan_id AND d.action = 'submit' ORDER BY d.id DESC LIMIT 1;
        IF submitted_by = who.account_id
            AND NOT (who.role = 'admin' AND who.jurisdiction = '*' AND NEW.note IS NOT NULL)
        THEN
            PERFORM gisgrid.refuse('submitted by the same account', '42501');
        END IF;
    END IF;
    RETURN NEW;
END
$$;

-- At the end of the transaction a plan stands where the last decision put it.
CREATE OR REPLACE FUNCTION gisgrid.must_be_carried_out() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gisgrid.decision d WHERE d.plan_id = NEW.plan_id AND d.id > NEW.id)
        AND NOT EXISTS (
            SELECT FROM gisgrid.plan p WHERE p.id = NEW.plan_id AND p.state = CASE NEW.action
                WHEN 'submit' THEN 'in_review' WHEN 'approve' THEN 'in_review' WHEN 'publish' THEN 'published'
                WHEN 'discard' THEN 'discarded' ELSE 'draft' END)
    THEN
        PERFORM gisgrid.refuse('a decision that was not carried out', 'GG002');
    END IF;
    RETURN NULL;
END
$$;

-- Whether who is asking publishes a plan in this very transaction.
CREATE OR REPLACE FUNCTION gisgrid.is_publishing() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gisgrid.decision d JOIN gisgrid.identity() i ON i.account_id = d.account_id AND i.may_write
        WHERE d.action = 'publish' AND d.at = now())
$$;

-- A plan's state follows a decision of the same transaction; what is in review stays as it was submitted, and
-- what was discarded as it was put away.
CREATE OR REPLACE FUNCTION gisgrid.keep_reviewed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF gisgrid.is_operator() THEN
        NULL;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('in_review', 'discarded') THEN
            PERFORM gisgrid.refuse('a plan in review, or discarded, is not deleted', 'GG002');
        END IF;
    ELSIF NEW.state <> OLD.state THEN
        IF NOT EXISTS (
            SELECT FROM gisgrid.decision d
            WHERE d.at = now() AND d.account_id = gisgrid.acting_account() AND (
                d.plan_id = NEW.id AND (OLD.state::text, NEW.state::text, d.action::text) IN (
                    ('draft', 'in_review', 'submit'), ('in_review', 'draft', 'withdraw'),
                    ('in_review', 'draft', 'return'), ('in_review', 'published', 'publish'),
                    ('draft', 'discarded', 'discard'), ('discarded', 'draft', 'restore'))
                OR OLD.state = 'published' AND NEW.state = 'superseded' AND d.action = 'publish'))
        THEN
            PERFORM gisgrid.refuse('a plan changes its state by a decision', 'GG002');
        END IF;
    ELSIF OLD.state IN ('in_review', 'discarded')
        AND to_jsonb(NEW) - 'changed_at' <> to_jsonb(OLD) - 'changed_at'
    THEN
        PERFORM gisgrid.refuse('what is in review, or discarded, stays as it is', 'GG002');
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- Sources and receptors follow the plan that comes into force: who publishes it need not be one who may otherwise
-- change them. Paths are the uids joined by chr(31); whatever lies outside the jurisdiction stays.
CREATE OR REPLACE FUNCTION gisgrid.put_under(kind text, ids bigint[], paths text[], distances float8[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine text := gisgrid.acting_jurisdiction();
BEGIN
    IF NOT gisgrid.is_publishing() THEN
        PERFORM gisgrid.refuse('only with a plan that is being published', '42501');
    END IF;
    IF kind = 'source' THEN
        UPDATE gisgrid.source o SET grid_path = string_to_array(n.path, chr(31)), stated_distance_m = n.distance
        FROM unnest(ids, paths, distances) AS n (id, path, distance)
        WHERE o.id = n.id AND (mine = '*'
            OR mine = ANY (o.grid_path) AND mine = ANY (string_to_array(n.path, chr(31))));
    ELSE
        UPDATE gisgrid.receptor o SET grid_path = string_to_array(n.path, chr(31))
        FROM unnest(ids, paths) AS n (id, path)
        WHERE o.id = n.id AND (mine = '*'
            OR mine = ANY (o.grid_path) AND mine = ANY (string_to_array(n.path, chr(31))));
    END IF;
END
$$;

-- Filing upward: planners of a grid file its part; whoever oversees a grid above it sets deadlines, accepts and
-- returns, but not what he filed himself. Who and when are what the token says.
CREATE OR REPLACE FUNCTION gisgrid.file_upward() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who record;
    is_above boolean;
    before text := 'not_filed';
    deadline date;
BEGIN
    IF gisgrid.is_operator() THEN
        RETURN NEW;
    END IF;
    SELECT * INTO who FROM gisgrid.identity();
    is_above := who.jurisdiction = '*' OR who.jurisdiction <> NEW.grid_uid AND gisgrid.oversees(NEW.grid_uid);
    IF EXISTS (SELECT FROM gisgrid.plan p WHERE p.id = NEW.plan_id AND p.state IN ('superseded', 'discarded')) THEN
        PERFORM gisgrid.refuse('a plan that holds no longer, or was discarded, is not filed', 'GG002');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
        deadline := OLD.deadline;
        NEW.filed_account_id := OLD.filed_account_id;
        NEW.filed_by := OLD.filed_by;
        NEW.filed_at := OLD.filed_at;
        NEW.answered_by := OLD.answered_by;
        NEW.answered_at := OLD.answered_at;
    ELSE
        NEW.filed_account_id := NULL; NEW.filed_by := NULL; NEW.filed_at := NULL;
        NEW.answered_by := NULL; NEW.answered_at := NULL;
        IF NOT EXISTS (SELECT FROM gisgrid.grid g WHERE g.plan_id = NEW.plan_id AND g.uid = NEW.grid_uid
                       AND NOT g.is_overlay AND g.level >= 2)
        THEN
            PERFORM gisgrid.refuse('no grid that has a level above', '23514');
        END IF;
    END IF;
    IF NEW.deadline IS DISTINCT FROM deadline AND NOT is_above THEN
        PERFORM gisgrid.refuse('deadlines are set from above', '42501');
    END IF;
    IF NEW.state = 'filed' AND (before <> 'filed' OR TG_OP = 'UPDATE' AND NEW.checksum IS DISTINCT FROM OLD.checksum) THEN
        IF who.role NOT IN ('admin', 'planner') THEN
            PERFORM gisgrid.refuse('planners file', '42501');
        END IF;
        NEW.filed_account_id := who.account_id;
        NEW.filed_by := gisgrid.actor();
        NEW.filed_at := now();
        NEW.answered_by := NULL;
        NEW.answered_at := NULL;
    ELSIF NEW.state IN ('accepted', 'returned') AND before = 'filed' THEN
        IF NOT is_above OR who.account_id = OLD.filed_account_id AND NOT (who.role = 'admin' AND who.jurisdiction = '*')
        THEN
            PERFORM gisgrid.refuse('answered from above, by somebody else', '42501');
        END IF;
        NEW.checksum := OLD.checksum;
        NEW.answered_by := gisgrid.actor();
        NEW.answered_at := now();
    ELSIF NEW.state <> before THEN
        PERFORM gisgrid.refuse('not a step from where the filing stands', 'GG002');
    ELSIF TG_OP = 'UPDATE' THEN
        NEW.checksum := OLD.checksum;
        NEW.note := OLD.note;
    END IF;
    RETURN NEW;
END
$$;

-- A remark belongs to all grids at its place; outside of all, to the coarsest.
CREATE OR REPLACE FUNCTION gisgrid.place_comment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.path := ARRAY(
        SELECT DISTINCT unnest(g.path) FROM gisgrid.grid g
        WHERE g.plan_id = NEW.plan_id AND NOT g.is_overlay AND g.geometry OPERATOR(public.&&) NEW.geometry
            AND public.ST_Intersects(g.geometry, NEW.geometry));
    IF NEW.path = '{}' THEN
        NEW.path := ARRAY(SELECT g.uid FROM gisgrid.grid g
                          WHERE g.plan_id = NEW.plan_id AND NOT g.is_overlay AND g.level = 1 ORDER BY g.uid);
    END IF;
    NEW.resolved_by := NULL;
    NEW.resolved_at := NULL;
    RETURN NEW;
END
$$;

-- A remark is settled once, by whom the token says, and otherwise never changes.
CREATE OR REPLACE FUNCTION gisgrid.settle_comment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settled gisgrid.comment := OLD;
BEGIN
    IF OLD.resolved_at IS NULL AND NEW.resolved_at IS NOT NULL THEN
        settled.resolved_at := now();
        settled.resolved_by := gisgrid.actor();
    END IF;
    RETURN settled;
END
$$;
