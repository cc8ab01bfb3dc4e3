-- What was different at the source from one version of a document to the next, with whose report it is.
SELECT
    c.report_id, r.key AS report_key, a.key AS agency_key, r.agency, r.kind, r.county_code, r.year, r.scope,
    c.doc_key, d.url, c.from_version, c.to_version, c.class, c.table_name, c.row, c."column", c.section, c.before,
    c.after, c.last_seen_before, c.first_seen_after, v.snapshot_id AS snapshot_before, w.snapshot_id AS snapshot_after
FROM report_change c
JOIN report r ON r.id = c.report_id
JOIN agency a ON a.id = r.agency_id
JOIN document d ON d.doc_key = c.doc_key
LEFT JOIN report_version v ON v.doc_key = c.doc_key AND v.version = c.from_version
LEFT JOIN report_version w ON w.doc_key = c.doc_key AND w.version = c.to_version
