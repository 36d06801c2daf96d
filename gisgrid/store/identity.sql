-- Who is asking. A request sets its unguessable token with set_config('gisgrid.token', …, true); only these
-- functions, which run as the owner, can look it up. A setting that names a user or a role means nothing.

-- In plpgsql, which keeps its plans: every statement under row security asks a dozen times. Nothing but nulls for
-- who is unknown.
DROP FUNCTION IF EXISTS gisgrid.identity();
CREATE FUNCTION gisgrid.identity(
    OUT account_id bigint, OUT role text, OUT jurisdiction text, OUT department_id bigint, OUT may_write boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given bytea := sha256(convert_to(nullif(current_setting('gisgrid.token', true), ''), 'UTF8'));
BEGIN
    IF given IS NULL THEN
        RETURN;
    END IF;
    SELECT a.id, a.role, coalesce(a.jurisdiction, '*'), a.department_id, true
    INTO account_id, role, jurisdiction, department_id, may_write
    FROM gisgrid.login_session s JOIN gisgrid.account a ON a.id = s.account_id
    WHERE s.token_hash = given AND s.revoked_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT a.id, a.role, coalesce(a.jurisdiction, '*'), a.department_id, 'write' = ANY (t.scopes)
    INTO account_id, role, jurisdiction, department_id, may_write
    FROM gisgrid.access_token t JOIN gisgrid.account a ON a.id = t.account_id
    WHERE t.token_hash = given AND t.revoked_at IS NULL AND t.expires_at > now() AND a.disabled_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION gisgrid.acting_account() RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN (gisgrid.identity()).account_id; END';

CREATE OR REPLACE FUNCTION gisgrid.acting_role() RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN (gisgrid.identity()).role; END';

CREATE OR REPLACE FUNCTION gisgrid.acting_jurisdiction() RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN (gisgrid.identity()).jurisdiction; END';

-- The role, if it may change something: an access token may only with the scope "write".
CREATE OR REPLACE FUNCTION gisgrid.writing_role() RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who record := gisgrid.identity();
BEGIN
    RETURN CASE WHEN who.may_write THEN who.role END;
END
$$;

-- Whether the access token that is asking declares that its changes count, whatever others did meanwhile.
CREATE OR REPLACE FUNCTION gisgrid.last_writer_wins() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gisgrid.access_token t
        WHERE t.token_hash = sha256(convert_to(current_setting('gisgrid.token', true), 'UTF8'))
          AND 'last-writer-wins' = ANY (t.scopes))
$$;

-- Whether who is asking has logged in with a password: an access token must not make or prolong tokens.
CREATE OR REPLACE FUNCTION gisgrid.is_logged_in() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM gisgrid.identity() i JOIN gisgrid.login_session s ON s.account_id = i.account_id
        WHERE s.token_hash = sha256(convert_to(current_setting('gisgrid.token', true), 'UTF8')))
$$;

-- Whether the grid with this uid lies in the jurisdiction of who is asking: by the plan in force, or by the
-- last that had it. What no plan in force ever had is judged by all drafts, since one alone could be drawn to
-- claim a neighbour's grid.
CREATE OR REPLACE FUNCTION gisgrid.oversees(grid_uid text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(
        (SELECT jurisdiction = '*' OR (
            SELECT bool_and(jurisdiction = ANY (ranked.path)) FROM (
                SELECT g.path, rank() OVER (ORDER BY
                    p.state = 'published' DESC, p.state = 'superseded' DESC,
                    CASE WHEN p.state = 'superseded' THEN p.valid_from END DESC) AS place
                FROM gisgrid.plan p JOIN gisgrid.grid g ON g.plan_id = p.id AND g.uid = grid_uid) ranked
            WHERE ranked.place = 1)
         FROM gisgrid.identity()),
        false)
$$;

-- Whether all grids of a plan lie in the jurisdiction of who is asking.
CREATE OR REPLACE FUNCTION gisgrid.oversees_plan(plan bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(
        (SELECT jurisdiction = '*' OR NOT EXISTS (
            SELECT FROM gisgrid.grid g WHERE g.plan_id = plan AND NOT jurisdiction = ANY (g.path))
         FROM gisgrid.identity()),
        false)
$$;

-- Whether an account of this jurisdiction is below that of who is asking.
CREATE OR REPLACE FUNCTION gisgrid.governs(other text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(
        (SELECT jurisdiction = '*' OR (other IS NOT NULL AND gisgrid.oversees(other)) FROM gisgrid.identity()),
        false)
$$;

-- Logging in: for the role gisgrid_login alone, which has no other right.
CREATE OR REPLACE FUNCTION gisgrid.credentials(wanted text)
RETURNS TABLE (account_id bigint, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id, password_hash FROM gisgrid.account WHERE login = wanted AND disabled_at IS NULL
$$;

CREATE OR REPLACE FUNCTION gisgrid.open_session(of_account bigint, hash bytea, lifetime interval)
RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM gisgrid.login_session WHERE expires_at < now() - interval '7 days';
    INSERT INTO gisgrid.login_session (token_hash, account_id, expires_at)
    SELECT hash, id, now() + lifetime FROM gisgrid.account
    WHERE id = of_account AND disabled_at IS NULL
    RETURNING expires_at
$$;

CREATE OR REPLACE FUNCTION gisgrid.change_password(of_account bigint, new_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE gisgrid.account SET password_hash = new_hash WHERE id = of_account
$$;

-- Logging out needs no more than the token itself.
CREATE OR REPLACE FUNCTION gisgrid.close_session() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE gisgrid.login_session SET revoked_at = now()
    WHERE token_hash = sha256(convert_to(current_setting('gisgrid.token', true), 'UTF8'))
      AND revoked_at IS NULL
$$;

CREATE OR REPLACE FUNCTION gisgrid.note_token_use() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE gisgrid.access_token SET last_used_at = now()
    WHERE token_hash = sha256(convert_to(current_setting('gisgrid.token', true), 'UTF8'))
      AND (last_used_at IS NULL OR last_used_at < now() - interval '10 minutes')
$$;

-- A disabled account loses its sessions and tokens; a new password ends them too, but for the session that is
-- asking: whoever knew the former may have made a token with it.
CREATE OR REPLACE FUNCTION gisgrid.end_access() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL THEN
        UPDATE gisgrid.login_session SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
        UPDATE gisgrid.access_token SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    ELSIF NEW.password_hash <> OLD.password_hash THEN
        UPDATE gisgrid.login_session SET revoked_at = now()
        WHERE account_id = NEW.id AND revoked_at IS NULL
          AND token_hash <> sha256(convert_to(coalesce(current_setting('gisgrid.token', true), ''), 'UTF8'));
        UPDATE gisgrid.access_token SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
