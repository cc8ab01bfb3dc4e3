-- What should exist and was not found, with what to do next.
SELECT
    agency_key, agency, kind, scope, county_code, county, year, status, reason, due_on, complete_checks, last_check,
    CASE reason
        WHEN 'absent_from_complete_lists' THEN 'look at the site by hand, then ask the agency'
        WHEN 'no_site_for_county' THEN 'add a registry row for the county, or enable it'
        WHEN 'no_site_for_towns' THEN 'add a registry row for the county''s towns and streets, or enable it'
        WHEN 'one_complete_check_only' THEN 'crawl the site once more'
        WHEN 'lists_incomplete' THEN 'see why lists break off: gongkai health'
        WHEN 'no_list_read_since_due' THEN 'crawl the site'
        ELSE 'find out when the report was due'
    END AS next_step
FROM coverage
WHERE status IN ('missing', 'not_checked')
