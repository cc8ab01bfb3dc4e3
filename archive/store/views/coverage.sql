-- Who ought to have reported on which year, what was found, and on what looking that rests.
-- A check is one run in which every list of every enabled site was walked completely that covers the agency (`site.covers`):
-- for towns and streets the county's town sites, for all others its portal. "Not found" takes two runs, begun after the
-- day the report was due.
WITH RECURSIVE
today (day) AS (SELECT date('now', '+8 hours')),  -- the day in China
years (year) AS (
    SELECT min(first_year) FROM deadline
    UNION ALL
    SELECT year + 1 FROM years WHERE year < CAST(strftime('%Y', 'now', '+8 hours') AS INTEGER)
),
due AS (
    SELECT kind, year, printf('%d-%s', year + 1, month_day) AS due_on, basis
    FROM deadline JOIN years
    WHERE year BETWEEN first_year AND coalesce(last_year, 9999)
),
looked AS MATERIALIZED (
    SELECT
        c.admin_code, c.covers, d.due_on, sum(c.lists) AS lists_checked, sum(c.complete) AS complete_checks,
        min(c.first_check) AS first_check, max(c.last_check) AS last_check
    FROM (SELECT DISTINCT due_on FROM due) d JOIN checks_since c ON c.due_on >= d.due_on
    GROUP BY c.admin_code, c.covers, d.due_on
),
elsewhere (stem) AS MATERIALIZED (  -- a functional area's towns stand in a county's table, and report under the area
    SELECT DISTINCT substr(key, instr(key, ':')) FROM agency WHERE county_code BETWEEN 'cq-' AND 'cq-~'
),
wanted AS (
    SELECT agency_key, year, basis, 1 AS expected FROM expectation
    UNION ALL
    SELECT DISTINCT a.key, r.year, NULL, 0 FROM report r CROSS JOIN agency a ON a.id = r.agency_id
    WHERE NOT EXISTS (SELECT 1 FROM expectation e WHERE e.agency_key = a.key AND e.year = r.year)
),
seen AS (
    SELECT
        a.key AS agency_key, a.name AS agency, a.kind, iif(a.level IN ('county', 'city', 'province'),
        'jurisdiction_aggregate', 'organ') AS expected_scope, a.county_code, a.county, w.year, w.expected,
        d.due_on, coalesce(w.basis, d.basis) AS due_basis, r.id AS report_id, r.scope, r.published_on,
        r.published_source, r.date_quality, r.gone_on,
        coalesce(k.lists_checked, 0) AS lists_checked, coalesce(k.complete_checks, 0) AS complete_checks,
        k.first_check, k.last_check, iif(a.level = 'town', 'towns', 'county') AS covers,
        a.valid_from > w.year || '-01-01' OR substr(a.valid_to, 1, 4) <= CAST(w.year AS TEXT) AS ended,  -- not all year
        substr(a.valid_from, 1, 4) <= CAST(w.year AS TEXT) AND coalesce(substr(a.valid_to, 1, 4) >= CAST(w.year AS TEXT), 1)
            AS existed,
        CASE
            WHEN r.id IS NOT NULL THEN 'found'
            WHEN a.valid_from > w.year || '-01-01' OR substr(a.valid_to, 1, 4) <= CAST(w.year AS TEXT) THEN 'not_expected'
            WHEN a.county_code NOT LIKE 'cq-%' AND substr(a.key, instr(a.key, ':')) IN elsewhere THEN 'not_expected'
            WHEN d.due_on IS NULL THEN 'not_checked'
            WHEN d.due_on >= today.day THEN 'not_yet_due'
            WHEN coalesce(k.complete_checks, 0) >= 2 THEN 'not_found'
            ELSE 'not_checked'
        END AS state
    FROM wanted w
    JOIN today
    JOIN agency a ON a.key = w.agency_key
    LEFT JOIN due d ON d.kind = a.kind AND d.year = w.year
    LEFT JOIN report r ON r.agency_id = a.id AND +r.year = w.year -- by agency: SQLite would take the index on year
        AND (NOT w.expected OR r.scope = iif(a.level IN ('county', 'city', 'province'), 'jurisdiction_aggregate', 'organ'))
    LEFT JOIN looked k ON k.admin_code = a.county_code AND k.due_on = d.due_on
        AND k.covers = iif(a.level = 'town', 'towns', 'county')
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
    END AS reason
FROM seen
