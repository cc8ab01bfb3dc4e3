-- Who ought to have reported on which year, what was found, and on what looking that rests.
-- A check is one run in which every list of every enabled site was walked completely that covers the agency (`site.covers`):
-- for towns and streets the county's town sites, for all others its portal. "Not found" takes two runs, begun after the
-- day the report was due.
WITH
today (day) AS (SELECT date('now', '+8 hours')),  -- the day in China
elsewhere (stem) AS MATERIALIZED (  -- a functional area's towns stand in a county's table, and report under the area
    SELECT DISTINCT substr(key, instr(key, ':')) FROM agency WHERE county_code BETWEEN 'cq-' AND 'cq-~'
),
expected AS (
    SELECT
        a.id, a.key, a.name, a.kind, a.level, a.county_code, a.county, a.valid_from, a.valid_to, e.year,
        iif(d.kind IS NULL, NULL, printf('%d-%s', e.year + 1, d.month_day)) AS due_on, coalesce(e.basis, d.basis) AS due_basis,
        r.id AS report_id, r.scope, r.published_on, r.published_source, r.date_quality, r.gone_on,
        1 AS on_roster
    FROM expectation e
    CROSS JOIN agency a ON a.key = e.agency_key
    LEFT JOIN deadline d ON d.kind = a.kind AND e.year BETWEEN d.first_year AND coalesce(d.last_year, 9999)
    LEFT JOIN report r ON r.agency_id = a.id AND r.year = e.year
        AND r.scope = iif(a.level IN ('county', 'city', 'province'), 'jurisdiction_aggregate', 'organ')
),
wanted AS (  -- who ought to report, and whoever did without being known to have to: two arms, so that each finds its index
    SELECT * FROM expected
    UNION ALL
    SELECT
        a.id, a.key, a.name, a.kind, a.level, a.county_code, a.county, a.valid_from, a.valid_to, r.year,
        iif(d.kind IS NULL, NULL, printf('%d-%s', r.year + 1, d.month_day)), d.basis,
        r.id, r.scope, r.published_on, r.published_source, r.date_quality, r.gone_on, 0
    FROM report r
    JOIN agency a ON a.id = r.agency_id
    LEFT JOIN deadline d ON d.kind = a.kind AND r.year BETWEEN d.first_year AND coalesce(d.last_year, 9999)
    WHERE NOT EXISTS (SELECT 1 FROM expectation e WHERE e.agency_key = a.key AND e.year = r.year)
),
seen AS (
    SELECT
        w.key AS agency_key, w.name AS agency, w.kind, iif(w.level IN ('county', 'city', 'province'),
        'jurisdiction_aggregate', 'organ') AS expected_scope, w.county_code, w.county, w.year,
        w.due_on, w.due_basis, w.report_id, w.scope, w.published_on,
        w.published_source, w.date_quality, w.gone_on, w.on_roster,
        coalesce(k.lists, 0) AS lists_checked, coalesce(k.complete, 0) AS complete_checks,
        k.first_check, k.last_check, iif(w.level = 'town', 'towns', 'county') AS covers,
        w.valid_from > w.year || '-01-01' OR substr(w.valid_to, 1, 4) <= CAST(w.year AS TEXT) AS ended,  -- not all year
        substr(w.valid_from, 1, 4) <= CAST(w.year AS TEXT) AND coalesce(substr(w.valid_to, 1, 4) >= CAST(w.year AS TEXT), 1)
            AS existed,
        CASE
            WHEN w.report_id IS NOT NULL THEN 'found'
            WHEN w.valid_from > w.year || '-01-01' OR substr(w.valid_to, 1, 4) <= CAST(w.year AS TEXT) THEN 'not_expected'
            WHEN w.county_code NOT LIKE 'cq-%' AND substr(w.key, instr(w.key, ':')) IN elsewhere THEN 'not_expected'
            WHEN w.due_on IS NULL THEN 'not_checked'
            WHEN w.due_on >= today.day THEN 'not_yet_due'
            WHEN coalesce(k.complete, 0) >= 2 THEN 'not_found'
            ELSE 'not_checked'
        END AS state
    FROM wanted w
    JOIN today
    LEFT JOIN checks_since k ON k.admin_code = w.county_code AND k.covers = iif(w.level = 'town', 'towns', 'county')
        AND k.due_on = w.due_on
)
SELECT
    agency_key, agency, kind, coalesce(scope, expected_scope) AS scope, county_code, county, year,
    CASE state
        WHEN 'found' THEN iif(date_quality = 'trusted' AND published_on > due_on, 'late', 'published')
        WHEN 'not_found' THEN 'missing'
        ELSE state
    END AS status,
    state,
    CASE
        WHEN state <> 'found' THEN NULL
        WHEN date_quality <> 'trusted' OR published_on IS NULL OR due_on IS NULL THEN 'unknown'
        ELSE iif(published_on > due_on, 'late', 'on_time')
    END AS timeliness,
    iif(date_quality = 'trusted' AND published_on > due_on,
        CAST(julianday(published_on) - julianday(due_on) AS INTEGER), NULL) AS days_late,
    due_on, due_basis, published_on, published_source, report_id, lists_checked, complete_checks, first_check,
    last_check, gone_on,
    CASE
        WHEN state = 'not_expected' THEN CASE WHEN NOT coalesce(ended, 0) THEN 'reports_under_functional_area'
            WHEN coalesce(existed, 1) THEN 'agency_existed_part_of_year' ELSE 'agency_did_not_exist' END
        WHEN state = 'not_found' THEN 'absent_from_complete_lists'
        WHEN state <> 'not_checked' THEN NULL
        WHEN due_on IS NULL THEN 'no_due_date_known'
        WHEN NOT EXISTS (
            SELECT 1 FROM site s WHERE s.admin_code = seen.county_code AND s.covers = seen.covers AND s.enabled
        ) THEN iif(covers = 'towns', 'no_site_for_towns', 'no_site_for_county')
        WHEN complete_checks = 1 THEN 'one_complete_check_only'
        WHEN lists_checked > 0 THEN 'lists_incomplete'
        ELSE 'no_list_read_since_due'
    END AS reason,
    on_roster
FROM seen
