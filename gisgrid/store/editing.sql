-- What whoever edits a draft needs of grids beyond their jurisdiction: to see where their outlines run, and to
-- lead them through a vertex that a neighbour has got. Neither names nor land: those stay with who oversees them.

-- Like identity(), in plpgsql for its plans' sake.
CREATE OR REPLACE FUNCTION gisgrid.may_edit(plan bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM gisgrid.plan p WHERE p.id = plan AND p.state = 'draft')
        AND (coalesce(gisgrid.writing_role() IN ('admin', 'planner'), false)
             OR session_user = (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'gisgrid'));
END
$$;

-- The grids of a draft that meet a box (west, south, east, north), are one of `holders`, or belong to one.
CREATE OR REPLACE FUNCTION gisgrid.grids_around(plan bigint, box float8[], holders bigint[])
RETURNS TABLE (
    id bigint, uid text, kind text, level bigint, parent_id bigint, owner_id bigint, path text[],
    is_partial boolean, geometry public.geometry)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF NOT gisgrid.may_edit(plan) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT g.id, g.uid, g.kind::text, g.level, g.parent_id, g.owner_id, g.path, g.is_partial, g.geometry
    FROM gisgrid.grid g
    WHERE g.id IN (
        SELECT a.id FROM gisgrid.grid a
        WHERE a.plan_id = plan AND a.geometry OPERATOR(public.&&)
            public.ST_MakeEnvelope(box[1], box[2], box[3], box[4], 4490)
        UNION SELECT b.id FROM gisgrid.grid b WHERE b.plan_id = plan AND b.parent_id = ANY (holders)
        UNION SELECT c.id FROM gisgrid.grid c WHERE c.plan_id = plan AND c.owner_id = ANY (holders)
        UNION SELECT d.id FROM gisgrid.grid d WHERE d.plan_id = plan AND d.id = ANY (holders));
END
$$;

-- Whether two outlines are one but for vertices on their edges: no vertex of either lies more than 1e-9 degrees
-- (0.1 mm) from the other's edges, and they enclose the same area.
CREATE OR REPLACE FUNCTION gisgrid.is_same_outline(a public.geometry, b public.geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH of_a AS (
        SELECT public.ST_X(d.geom) AS x, public.ST_Y(d.geom) AS y FROM public.ST_DumpPoints(a) d
    ), of_b AS (
        SELECT public.ST_X(d.geom) AS x, public.ST_Y(d.geom) AS y FROM public.ST_DumpPoints(b) d
    )
    SELECT public.ST_NRings(a) = public.ST_NRings(b) AND public.ST_IsValid(b)
        AND abs(public.ST_Area(a) - public.ST_Area(b)) <= 1e-9 * public.ST_Perimeter(a)
        AND NOT EXISTS (
            SELECT FROM (SELECT * FROM of_b EXCEPT SELECT * FROM of_a) fresh
            WHERE NOT public.ST_DWithin(
                public.ST_Boundary(a), public.ST_SetSRID(public.ST_MakePoint(x, y), 4490), 1e-9))
        AND NOT EXISTS (
            SELECT FROM (SELECT * FROM of_a EXCEPT SELECT * FROM of_b) gone
            WHERE NOT public.ST_DWithin(
                public.ST_Boundary(b), public.ST_SetSRID(public.ST_MakePoint(x, y), 4490), 1e-9))
$$;

CREATE OR REPLACE FUNCTION gisgrid.insert_vertices(grid bigint, shape public.geometry) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    former gisgrid.grid;
BEGIN
    SELECT * INTO former FROM gisgrid.grid g WHERE g.id = grid FOR UPDATE;
    IF NOT FOUND OR NOT gisgrid.may_edit(former.plan_id)
        OR NOT coalesce(gisgrid.is_same_outline(former.geometry, shape), false)
    THEN
        RAISE EXCEPTION USING MESSAGE = 'only vertices may be inserted', ERRCODE = '42501';
    END IF;
    UPDATE gisgrid.grid g SET geometry = shape WHERE g.id = grid;
END
$$;

-- What every edit of a draft does in one call each, since a statement costs more than its work; both as who is
-- asking, by the rules of the tables.

-- Waits for others who change this plan, until the transaction ends; how it stands then.
CREATE OR REPLACE FUNCTION gisgrid.open_plan(plan bigint) RETURNS TABLE (state text, title_zh text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('gisgrid.plan'), plan::integer);
    -- A statement of its own, which sees what others did meanwhile.
    RETURN QUERY SELECT p.state::text, p.title_zh FROM gisgrid.plan p WHERE p.id = plan;
END
$$;

-- Counts one edit more among the members of `holders`; their versions now, by uid.
CREATE OR REPLACE FUNCTION gisgrid.count_edit(holder_ids bigint[]) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH counted AS (
        UPDATE gisgrid.grid SET version = version + 1 WHERE id = ANY (holder_ids) RETURNING uid, version)
    SELECT coalesce(jsonb_object_agg(uid, version), '{}') FROM counted
$$;

-- The number of a draft's next edit, those included that who is asking does not see.
CREATE OR REPLACE FUNCTION gisgrid.next_edit(plan bigint) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(max(e.number), 0)::integer + 1 FROM gisgrid.edit e
    WHERE e.plan_id = plan AND gisgrid.may_edit(plan)
$$;

-- Writes an edit, what it did to each grid included, into the history of a draft. What its author took back
-- before can no longer be made again.
CREATE OR REPLACE FUNCTION gisgrid.record_edit(
    plan bigint, account bigint, login text, operation text, zh text, en text, holder_ids bigint[],
    bounds float8[], touched text[], changes jsonb, OUT number integer, OUT at timestamptz, OUT holders jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    made bigint;
BEGIN
    holders := gisgrid.count_edit(holder_ids);
    number := gisgrid.next_edit(plan);
    IF EXISTS (SELECT FROM gisgrid.edit e
        WHERE e.plan_id = plan AND e.state = 'undone' AND e.account_id IS NOT DISTINCT FROM account)
    THEN
        UPDATE gisgrid.edit e SET state = 'dropped'
        WHERE e.plan_id = plan AND e.state = 'undone' AND e.account_id IS NOT DISTINCT FROM account;
    END IF;
    INSERT INTO gisgrid.edit AS e (plan_id, number, operation, summary_zh, summary_en, account_id, by_login,
        holders, bounds, touched, path)
    VALUES (plan, record_edit.number, record_edit.operation, zh, en, account, login,
        record_edit.holders, record_edit.bounds, record_edit.touched,
        ARRAY(SELECT DISTINCT u FROM jsonb_array_elements(changes) c,
            jsonb_array_elements_text(
                coalesce(c -> 'before' -> 'path', '[]') || coalesce(c -> 'after' -> 'path', '[]')) u))
    RETURNING e.id, e.at INTO made, record_edit.at;
    INSERT INTO gisgrid.edit_change
        (edit_id, grid_uid, before, before_geometry, after, after_geometry, is_outline_kept)
    SELECT made, r.grid_uid, r.before, r.before_geometry::public.geometry, r.after,
        r.after_geometry::public.geometry, r.is_outline_kept
    FROM jsonb_to_recordset(changes) AS r(grid_uid text, before jsonb, before_geometry text, after jsonb,
        after_geometry text, is_outline_kept boolean);
END
$$;
