-- The first schema. What every table and column means: archive/store/data/schema.json, docs/schema.md.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- 1. What was looked at

CREATE TABLE site (
    site TEXT PRIMARY KEY,
    spider TEXT, platform TEXT, installation TEXT, name TEXT, admin_code TEXT, list_url TEXT, options TEXT,
    first_year INTEGER, last_year INTEGER, enabled INTEGER, note TEXT
);

CREATE TABLE crawl (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    command TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
    tool TEXT NOT NULL,
    process TEXT
);

CREATE TABLE crawl_site (
    crawl_id INTEGER NOT NULL REFERENCES crawl (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    links INTEGER, fetched INTEGER, new INTEGER, changed INTEGER, unchanged INTEGER, failed INTEGER, blocked INTEGER,
    verdict TEXT CHECK (verdict IN ('well', 'short', 'blocked', 'broken', 'unreachable')),
    reason TEXT,
    PRIMARY KEY (crawl_id, site)
) WITHOUT ROWID;
CREATE INDEX crawl_site_by_site ON crawl_site (site, crawl_id);

CREATE TABLE body (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    codec TEXT NOT NULL CHECK (codec IN ('zstd', 'purged')),
    dictionary TEXT REFERENCES body (sha256),
    origin TEXT,
    data BLOB
);
CREATE INDEX body_plain_by_origin ON body (origin) WHERE dictionary IS NULL;
CREATE INDEX body_by_dictionary ON body (dictionary) WHERE dictionary IS NOT NULL;

CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    doc_key TEXT,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('report', 'list', 'attachment', 'rendered', 'robots', 'redirect', 'error', 'ingested')),
    status INTEGER NOT NULL,
    fetched_at TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES body (sha256),
    content_type TEXT,
    headers TEXT NOT NULL,
    context TEXT NOT NULL,
    crawl_id INTEGER REFERENCES crawl (id)
);
CREATE INDEX snapshot_by_document ON snapshot (doc_key, fetched_at);
CREATE INDEX snapshot_by_url ON snapshot (url);
CREATE INDEX snapshot_by_body ON snapshot (sha256);
CREATE INDEX snapshot_by_crawl ON snapshot (crawl_id);

CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawl (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    column_name TEXT,
    pages_claimed INTEGER,
    pages_fetched INTEGER NOT NULL,
    links INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    snapshot_id INTEGER REFERENCES snapshot (id),
    listed_at TEXT NOT NULL
);
CREATE INDEX listing_by_site ON listing (site, url, complete, listed_at);
CREATE INDEX listing_by_crawl ON listing (crawl_id);
CREATE INDEX listing_by_snapshot ON listing (snapshot_id);

CREATE TABLE link (
    doc_key TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    listing_url TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    list_date TEXT,
    year_guess INTEGER,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'gone', 'given_up')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    reason TEXT,
    asked_at TEXT
);
CREATE INDEX link_by_site ON link (site, state, next_try);
CREATE INDEX link_by_listing ON link (listing_url, last_seen);

CREATE TABLE document (
    doc_key TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    snapshot_id INTEGER REFERENCES snapshot (id),
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone_on TEXT
);
CREATE INDEX document_by_site ON document (site);
CREATE INDEX document_by_snapshot ON document (snapshot_id);

-- 2. Who reports

CREATE TABLE agency (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT,
    sector TEXT,
    county_code TEXT,
    county TEXT,
    town_code TEXT,
    parent_key TEXT,
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL
);
CREATE INDEX agency_by_county ON agency (county_code, kind);

CREATE TABLE agency_name (
    agency_key TEXT NOT NULL REFERENCES agency (key) ON UPDATE CASCADE ON DELETE CASCADE,
    name TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (agency_key, name)
) WITHOUT ROWID;
CREATE INDEX agency_name_by_name ON agency_name (name);

CREATE TABLE agency_link (
    from_key TEXT NOT NULL,
    to_key TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('renamed', 'merged', 'split', 'transferred', 'status_change')),
    date TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (from_key, to_key, type)
) WITHOUT ROWID;

CREATE TABLE expectation (
    agency_key TEXT NOT NULL REFERENCES agency (key) ON UPDATE CASCADE ON DELETE CASCADE,
    year INTEGER NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('law', 'local_notice', 'custom')),
    source TEXT NOT NULL,
    PRIMARY KEY (agency_key, year)
) WITHOUT ROWID;
CREATE INDEX expectation_by_year ON expectation (year);

CREATE TABLE deadline (
    kind TEXT NOT NULL,
    first_year INTEGER NOT NULL,
    last_year INTEGER,
    month_day TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('law', 'local_notice', 'custom')),
    source TEXT NOT NULL,
    PRIMARY KEY (kind, first_year)
) WITHOUT ROWID;

CREATE TABLE boundary_break (
    county_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    note TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (county_code, year)
) WITHOUT ROWID;

-- 3. Reports

CREATE TABLE report (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    agency_id INTEGER NOT NULL REFERENCES agency (id),
    agency TEXT NOT NULL,
    kind TEXT,
    scope TEXT NOT NULL CHECK (scope IN ('organ', 'jurisdiction_aggregate')),
    county_code TEXT,
    county TEXT,
    year INTEGER NOT NULL,
    doc_key TEXT NOT NULL REFERENCES document (doc_key),
    url TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    form TEXT,
    title TEXT,
    published_on TEXT,
    published_source TEXT CHECK (published_source IN ('page', 'metadata', 'url')),
    date_quality TEXT NOT NULL CHECK (date_quality IN ('trusted', 'url_only', 'migrated', 'conflict', 'none')),
    signed_on TEXT,
    stat_from TEXT,
    stat_to TEXT,
    status TEXT NOT NULL CHECK (status IN ('parsed', 'partial', 'unparsed')),
    reader TEXT NOT NULL,
    version INTEGER NOT NULL,
    zero_style_t2 TEXT,
    zero_style_t3 TEXT,
    zero_style_t4 TEXT,
    text TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone_on TEXT,
    UNIQUE (agency_id, scope, year)
);
CREATE INDEX report_by_county ON report (county_code, year, kind);
CREATE INDEX report_by_year ON report (year, kind);
CREATE INDEX report_by_document ON report (doc_key);
CREATE INDEX report_by_snapshot ON report (snapshot_id);

CREATE TABLE unplaced (
    doc_key TEXT PRIMARY KEY REFERENCES document (doc_key),
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    status TEXT NOT NULL CHECK (status IN ('parsed', 'partial', 'unparsed', 'not_a_report')),
    reason TEXT,
    title TEXT,
    agency_guess TEXT,
    year_guess INTEGER,
    reader TEXT NOT NULL
);
CREATE INDEX unplaced_by_snapshot ON unplaced (snapshot_id);

CREATE TABLE publication (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    doc_key TEXT NOT NULL REFERENCES document (doc_key),
    role TEXT NOT NULL CHECK (role IN ('main', 'twin', 'attachment', 'reissue')),
    PRIMARY KEY (report_id, doc_key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX publication_by_document ON publication (doc_key);

CREATE TABLE section (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER,
    heading TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX section_by_report ON section (report_id);

CREATE TABLE grid (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    caption TEXT,
    cells TEXT NOT NULL,
    PRIMARY KEY (report_id, number)
) WITHOUT ROWID;

CREATE TABLE active_disclosure (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    made INTEGER, repealed INTEGER, valid INTEGER, decisions INTEGER,
    amount_wan_yuan NUMERIC,
    newly_made INTEGER, newly_disclosed INTEGER, disclosed_total INTEGER,
    prior_year_items INTEGER, change INTEGER, projects INTEGER,
    amount NUMERIC, amount_printed TEXT, unit_printed TEXT,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

CREATE TABLE applications (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    natural_person INTEGER, business INTEGER, research INTEGER, public_welfare INTEGER,
    legal_service INTEGER, other_org INTEGER, total INTEGER,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

CREATE TABLE review_litigation (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    upheld INTEGER, corrected INTEGER, other INTEGER, pending INTEGER, total INTEGER,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

CREATE TABLE statistics (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    row TEXT NOT NULL,
    "column" TEXT NOT NULL,
    column_label TEXT,
    label TEXT NOT NULL,
    parent TEXT,
    unit TEXT,
    value NUMERIC,
    PRIMARY KEY (report_id, seq)
) WITHOUT ROWID;
CREATE INDEX statistics_by_cell ON statistics (report_id, row, "column");

CREATE TABLE cell_note (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    row TEXT NOT NULL,
    "column" TEXT NOT NULL,
    raw TEXT,
    kind TEXT NOT NULL,
    unit TEXT
);
CREATE INDEX cell_note_by_cell ON cell_note (report_id, table_name, row, "column");

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    message_zh TEXT NOT NULL,
    left_value, left_where TEXT,
    right_value, right_where TEXT,
    difference NUMERIC,
    cells TEXT NOT NULL,
    quote TEXT,
    other_report_id INTEGER REFERENCES report (id) ON DELETE SET NULL,
    explained TEXT,
    rule_version INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    resolved_at TEXT,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'confirmed', 'dismissed', 'resolved')),
    origin TEXT NOT NULL CHECK (origin IN ('reading', 'twins', 'comparison'))
);
CREATE INDEX finding_by_report ON finding (report_id, severity, resolved_at);
CREATE INDEX finding_by_rule ON finding (rule, severity, resolved_at);
CREATE INDEX finding_by_other ON finding (other_report_id);

CREATE TABLE check_result (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('pass', 'pass_blank_as_zero', 'fail', 'not_assessable')),
    tested INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (report_id, rule)
) WITHOUT ROWID;
CREATE INDEX check_result_by_rule ON check_result (rule, outcome);

-- 4. Change

CREATE TABLE report_version (
    id INTEGER PRIMARY KEY,
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    doc_key TEXT NOT NULL REFERENCES document (doc_key),
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    reader TEXT NOT NULL,
    digest TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    reading BLOB NOT NULL
);
CREATE INDEX report_version_by_document ON report_version (doc_key, version);
CREATE INDEX report_version_by_report ON report_version (report_id);
CREATE INDEX report_version_by_snapshot ON report_version (snapshot_id);

CREATE TABLE report_change (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    doc_key TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('number', 'wording', 'date', 'layout')),
    table_name TEXT,
    row TEXT,
    "column" TEXT,
    section TEXT,
    before,
    after,
    last_seen_before TEXT NOT NULL,
    first_seen_after TEXT NOT NULL
);
CREATE INDEX report_change_by_report ON report_change (report_id, to_version);
CREATE INDEX report_change_by_document ON report_change (doc_key, to_version);

CREATE TABLE reading_change (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    reader_before TEXT NOT NULL,
    reader_after TEXT NOT NULL,
    place TEXT NOT NULL,
    before,
    after
);
CREATE INDEX reading_change_by_report ON reading_change (report_id);
CREATE INDEX reading_change_by_snapshot ON reading_change (snapshot_id);

-- 5. Codebook and notes

CREATE TABLE codebook (
    form TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row TEXT NOT NULL,
    "column" TEXT NOT NULL,
    short TEXT,
    row_group TEXT,
    role TEXT CHECK (role IN ('inflow', 'outcome', 'outcome_total', 'outflow', 'stock', 'part', 'subtotal')),
    label_zh TEXT NOT NULL,
    label_en TEXT,
    unit TEXT,
    type TEXT,
    law TEXT,
    comparable_code TEXT,
    comparable_note TEXT,
    confidence TEXT,
    PRIMARY KEY (form, table_name, row, "column")
) WITHOUT ROWID;
CREATE INDEX codebook_by_short ON codebook (short);

CREATE TABLE rule (
    rule TEXT PRIMARY KEY,
    severity TEXT NOT NULL,
    statement_zh TEXT NOT NULL,
    statement_en TEXT NOT NULL,
    source TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE annotation (
    target_type TEXT NOT NULL,
    target_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    source_url TEXT,
    date TEXT NOT NULL
);
CREATE INDEX annotation_by_target ON annotation (target_type, target_key);

CREATE TABLE withheld (
    target_type TEXT NOT NULL,
    target_key TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('hide', 'redact', 'purge')),
    reason TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    PRIMARY KEY (target_type, target_key)
) WITHOUT ROWID;

-- Full text: pairs of characters (archive/store/search.py), contentless; rowid = report.id.
CREATE VIRTUAL TABLE report_fts USING fts5 (title, agency, text, content = '', tokenize = 'unicode61');
