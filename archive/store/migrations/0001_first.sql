-- The first schema. The comment above a table and those beside its columns are what docs/schema.md prints.

-- What this file remembers about itself.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,  -- `reference`: the data that codebook, rules and roster were filled from
    value TEXT NOT NULL
) WITHOUT ROWID;

-- # What was looked at

-- The registry as of the last run. A site that left the registry stays, not enabled.
CREATE TABLE site (
    site TEXT PRIMARY KEY,  -- lower-case pinyin, never reused
    spider TEXT,  -- `district` or `township`
    platform TEXT,  -- the publishing system, or `auto`
    installation TEXT,  -- one running copy of it: the unit of politeness and of document ids
    name TEXT,
    admin_code TEXT,  -- county code, or the own prefix of an area without one
    list_url TEXT,  -- where the crawl starts
    options TEXT,
    first_year INTEGER,  -- first report year known to be there
    last_year INTEGER,
    enabled INTEGER,
    note TEXT
);

-- One row a run.
CREATE TABLE crawl (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- public, the same in every archive
    command TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),  -- a killed run is marked `interrupted` by the next one
    tool TEXT NOT NULL,  -- program and version
    process TEXT  -- machine, process number and its start: tells a killed run from one that goes on
);

-- How a site fared in a run.
CREATE TABLE crawl_site (
    crawl_id INTEGER NOT NULL REFERENCES crawl (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    links INTEGER,  -- report links seen
    fetched INTEGER,
    new INTEGER,
    changed INTEGER,
    unchanged INTEGER,
    failed INTEGER,
    blocked INTEGER,
    verdict TEXT CHECK (verdict IN ('well', 'short', 'blocked', 'broken', 'unreachable')),
    reason TEXT,  -- the failure class
    PRIMARY KEY (crawl_id, site)
) WITHOUT ROWID;
CREATE INDEX crawl_site_by_site ON crawl_site (site, crawl_id);

-- Bytes as received, once each. Hidden from browsing, left out of what is published.
CREATE TABLE body (
    sha256 TEXT PRIMARY KEY,  -- over the bytes after transfer decoding and before content decoding
    size INTEGER NOT NULL,
    codec TEXT NOT NULL CHECK (codec IN ('zstd', 'purged')),  -- `purged`: removed by a decision in `withheld`
    dictionary TEXT REFERENCES body (sha256),  -- the plain body it leans on; one step deep, never removed
    origin TEXT,  -- site and kind of a plain body: others of that origin may lean on it
    data BLOB
);
CREATE INDEX body_plain_by_origin ON body (origin) WHERE dictionary IS NULL;
CREATE INDEX body_by_dictionary ON body (dictionary) WHERE dictionary IS NOT NULL;

-- One response as it was received.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- hash of url, time, digest and kind
    doc_key TEXT,  -- the document it is a response for, if it is for one
    url TEXT NOT NULL,  -- as asked
    final_url TEXT NOT NULL,  -- as answered, after redirects
    kind TEXT NOT NULL CHECK (
        kind IN ('report', 'list', 'attachment', 'rendered', 'robots', 'redirect', 'error', 'ingested')),
    status INTEGER NOT NULL,  -- HTTP status; 304 confirms the digest in `sha256`
    fetched_at TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES body (sha256),
    content_type TEXT,
    headers TEXT NOT NULL,  -- JSON, a list of pairs as parsed
    context TEXT NOT NULL,  -- JSON: all that reading may use beside the bytes
    crawl_id INTEGER REFERENCES crawl (id)
);
CREATE INDEX snapshot_by_document ON snapshot (doc_key, fetched_at);
CREATE INDEX snapshot_by_url ON snapshot (url);
CREATE INDEX snapshot_by_body ON snapshot (sha256);
CREATE INDEX snapshot_by_crawl ON snapshot (crawl_id);

-- A list as it was walked: the evidence for "not found".
CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawl (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    url TEXT NOT NULL,  -- its first page
    column_name TEXT,
    pages_claimed INTEGER,
    pages_fetched INTEGER NOT NULL,
    links INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),  -- every page it claims was fetched and none repeated another
    snapshot_id INTEGER REFERENCES snapshot (id),
    listed_at TEXT NOT NULL
);
CREATE INDEX listing_by_site ON listing (site, url, complete, listed_at);
CREATE INDEX listing_by_check ON listing (site, crawl_id, complete, listed_at);
CREATE INDEX listing_by_crawl ON listing (crawl_id);
CREATE INDEX listing_by_snapshot ON listing (snapshot_id);

-- The frontier: every link ever found to a report. Nothing found is forgotten.
CREATE TABLE link (
    doc_key TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    listing_url TEXT NOT NULL,  -- the list, or for an attachment the list of its page, where it was last seen
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    list_date TEXT,  -- the date printed beside it
    year_guess INTEGER,  -- the year that its title states
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'gone', 'given_up')),
    attempts INTEGER NOT NULL DEFAULT 0,  -- failures in a row
    next_try TEXT,
    reason TEXT,
    asked_at TEXT  -- when it was last asked for
);
CREATE INDEX link_by_site ON link (site, state, next_try);
CREATE INDEX link_by_listing ON link (listing_url, last_seen);

-- One published thing at the source.
CREATE TABLE document (
    doc_key TEXT PRIMARY KEY,  -- installation and the platform's own id, else the canonical address
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    snapshot_id INTEGER REFERENCES snapshot (id),  -- its latest good snapshot
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone_on TEXT  -- the day it was found absent from the third complete list
);
CREATE INDEX document_by_site ON document (site);
CREATE INDEX document_by_snapshot ON document (snapshot_id);

-- # Who reports

-- A body that reports, or ought to.
CREATE TABLE agency (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- county code or own prefix, kind, stem: `500154:township_government:金峰`
    name TEXT NOT NULL,  -- full official name
    kind TEXT NOT NULL,
    level TEXT,  -- `national, province, city, county, department, town, area, organisation`
    sector TEXT,  -- harmonised for departments, so that like is compared with like
    county_code TEXT,
    county TEXT,
    town_code TEXT,  -- nine digits, for towns and streets
    parent_key TEXT,
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL  -- `divisions`: the table of divisions; `report`: only a report names it
);
CREATE INDEX agency_by_county ON agency (county_code, kind);

-- Every name an agency is known by.
CREATE TABLE agency_name (
    agency_key TEXT NOT NULL REFERENCES agency (key) ON UPDATE CASCADE ON DELETE CASCADE,
    name TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (agency_key, name)
) WITHOUT ROWID;
CREATE INDEX agency_name_by_name ON agency_name (name);

-- What became of agencies.
CREATE TABLE agency_link (
    from_key TEXT NOT NULL,
    to_key TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('renamed', 'merged', 'split', 'transferred', 'status_change')),
    date TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (from_key, to_key, type)
) WITHOUT ROWID;

-- Who ought to report on which year, and how we know. No row means unknown, never "missing".
CREATE TABLE expectation (
    agency_key TEXT NOT NULL REFERENCES agency (key) ON UPDATE CASCADE ON DELETE CASCADE,
    year INTEGER NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('law', 'local_notice', 'custom')),
    source TEXT NOT NULL,
    PRIMARY KEY (agency_key, year)
) WITHOUT ROWID;
CREATE INDEX expectation_by_year ON expectation (year);

-- By when a kind of agency reports.
CREATE TABLE deadline (
    kind TEXT NOT NULL,
    first_year INTEGER NOT NULL,
    last_year INTEGER,  -- null: still so
    month_day TEXT NOT NULL,  -- of the year after the one reported on
    basis TEXT NOT NULL CHECK (basis IN ('law', 'local_notice', 'custom')),
    source TEXT NOT NULL,
    PRIMARY KEY (kind, first_year)
) WITHOUT ROWID;

-- County and year whose figures stand for another area than the year before: not to be compared with it.
CREATE TABLE boundary_break (
    county_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    note TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (county_code, year)
) WITHOUT ROWID;

-- # Reports

-- One row for each agency, scope and year: the reading of the document chosen for it.
CREATE TABLE report (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- agency key, scope, year
    agency_id INTEGER NOT NULL REFERENCES agency (id),
    agency TEXT NOT NULL,  -- full official name
    kind TEXT,
    scope TEXT NOT NULL CHECK (scope IN ('organ', 'jurisdiction_aggregate')),  -- its own work, or a county's total; never add the two
    county_code TEXT,
    county TEXT,
    year INTEGER NOT NULL,  -- the year reported on, never the year of publication
    doc_key TEXT NOT NULL REFERENCES document (doc_key),  -- the document chosen (archive/store/publications.py says how)
    url TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    form TEXT,  -- the official layout, decided by content
    title TEXT,
    published_on TEXT,
    published_source TEXT CHECK (published_source IN ('page', 'metadata', 'url')),
    date_quality TEXT NOT NULL CHECK (date_quality IN ('trusted', 'url_only', 'migrated', 'conflict', 'none')),
    signed_on TEXT,
    stat_from TEXT,
    stat_to TEXT,
    status TEXT NOT NULL CHECK (status IN ('parsed', 'partial', 'unparsed')),
    reader TEXT NOT NULL,  -- version of the reader
    version INTEGER NOT NULL,  -- of the document, `report_version.version`
    zero_style_t2 TEXT,  -- `printed, blank, mixed, empty`: how the table prints its zeros
    zero_style_t3 TEXT,
    zero_style_t4 TEXT,
    text TEXT NOT NULL,  -- the whole body, for search
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone_on TEXT,  -- set when every document that carries it is gone
    UNIQUE (agency_id, scope, year)
);
CREATE INDEX report_by_county ON report (county_code, year, kind);
CREATE INDEX report_by_year ON report (year, kind);
CREATE INDEX report_by_document ON report (doc_key);
CREATE INDEX report_by_snapshot ON report (snapshot_id);

-- Documents whose agency or year cannot be told, or that are no report: never a guess in `report`.
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

-- Every document that carries a report.
CREATE TABLE publication (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    doc_key TEXT NOT NULL REFERENCES document (doc_key),
    role TEXT NOT NULL CHECK (role IN ('main', 'twin', 'attachment', 'reissue')),  -- `reissue`: published again on a later day
    PRIMARY KEY (report_id, doc_key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX publication_by_document ON publication (doc_key);

-- The report's sections, in order.
CREATE TABLE section (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER,  -- 1 to 6 in the forms since 2019; null if unnumbered
    heading TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX section_by_report ON section (report_id);

-- Tables as printed: nothing interpreted.
CREATE TABLE grid (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    caption TEXT,
    cells TEXT NOT NULL,  -- JSON, rows of cells, spans resolved by repetition
    PRIMARY KEY (report_id, number)
) WITHOUT ROWID;

-- Table 2 of the forms since 2019. A row or column that the form does not have is null; so is a cell that prints no number.
CREATE TABLE active_disclosure (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    made INTEGER,
    repealed INTEGER,
    valid INTEGER,
    decisions INTEGER,
    amount_wan_yuan NUMERIC,  -- in 10,000 yuan; null unless the page prints the unit
    newly_made INTEGER,
    newly_disclosed INTEGER,
    disclosed_total INTEGER,
    prior_year_items INTEGER,
    change INTEGER,
    projects INTEGER,
    amount NUMERIC,  -- form of 2019: the number printed, in a unit that may not be printed
    amount_printed TEXT,
    unit_printed TEXT,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

-- Table 3: applications received and how they were dealt with.
CREATE TABLE applications (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    natural_person INTEGER,
    business INTEGER,
    research INTEGER,
    public_welfare INTEGER,
    legal_service INTEGER,
    other_org INTEGER,
    total INTEGER,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

-- Table 4: administrative review and litigation. Counts stock, not a year's cases.
CREATE TABLE review_litigation (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    row TEXT NOT NULL,
    upheld INTEGER,
    corrected INTEGER,
    other INTEGER,
    pending INTEGER,
    total INTEGER,
    PRIMARY KEY (report_id, row)
) WITHOUT ROWID;

-- Values of the older forms; unknown rows by their normalised label.
CREATE TABLE statistics (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,  -- order on the page
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

-- Every cell that is not a plain number.
CREATE TABLE cell_note (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    row TEXT NOT NULL,
    "column" TEXT NOT NULL,
    raw TEXT,  -- as printed
    kind TEXT NOT NULL,  -- `annotated, signed, unit, blank, dash, none_word, text, unreadable, row_absent, table_absent, table_is_image, unit_unknown, not_on_form`
    unit TEXT
);
CREATE INDEX cell_note_by_cell ON cell_note (report_id, table_name, row, "column");

-- What a reader of a report should know. Neither side of a difference is called right.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- of the place, not of the figures: stable through rereading and merging
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    message_zh TEXT NOT NULL,
    left_value,
    left_where TEXT,
    right_value,
    right_where TEXT,
    difference NUMERIC,  -- left minus right
    cells TEXT NOT NULL,  -- JSON, `table.row.column`
    quote TEXT,
    other_report_id INTEGER REFERENCES report (id) ON DELETE SET NULL,
    explained TEXT,  -- the legitimate reason, when one was recognised
    rule_version INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    resolved_at TEXT,  -- when it was no longer found
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'confirmed', 'dismissed', 'resolved')),
    origin TEXT NOT NULL CHECK (origin IN ('reading', 'twins', 'comparison'))  -- the report alone, its other documents, or other reports
);
CREATE INDEX finding_by_report ON finding (report_id, severity, resolved_at);
CREATE INDEX finding_by_rule ON finding (rule, severity, resolved_at);
CREATE INDEX finding_by_other ON finding (other_report_id);

-- Every rule on every report: the denominator of any error rate.
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

-- # Change

-- All versions of every document, the current one included, counted per document.
CREATE TABLE report_version (
    id INTEGER PRIMARY KEY,
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    doc_key TEXT NOT NULL REFERENCES document (doc_key),
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),  -- the first snapshot that showed it
    reader TEXT NOT NULL,
    digest TEXT NOT NULL,  -- of dates, title, sections and cells: what can make a version
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    reading BLOB NOT NULL  -- the JSON of `gongkai read`, zstd; under `archive` what only the archive keeps
);
CREATE INDEX report_version_by_document ON report_version (doc_key, version);
CREATE INDEX report_version_by_report ON report_version (report_id);
CREATE INDEX report_version_by_snapshot ON report_version (snapshot_id);

-- What was different at the source from one version to the next; one reader on both sides.
CREATE TABLE report_change (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    doc_key TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('number', 'wording', 'date', 'layout')),  -- `layout`: another print of the same
    table_name TEXT,
    row TEXT,
    "column" TEXT,
    section TEXT,  -- `section 3`, `title`, `published_on` …, where it is no cell
    before,
    after,
    last_seen_before TEXT NOT NULL,
    first_seen_after TEXT NOT NULL
);
CREATE INDEX report_change_by_report ON report_change (report_id, to_version);
CREATE INDEX report_change_by_document ON report_change (doc_key, to_version);

-- What a better reader corrected: ours, not theirs.
CREATE TABLE reading_change (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    reader_before TEXT NOT NULL,
    reader_after TEXT NOT NULL,
    place TEXT NOT NULL,  -- `table.row.column`, `section 3`, `published_on` …
    before,
    after
);
CREATE INDEX reading_change_by_report ON reading_change (report_id);
CREATE INDEX reading_change_by_snapshot ON reading_change (snapshot_id);

-- # Codebook and notes

-- Every cell of every form.
CREATE TABLE codebook (
    form TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row TEXT NOT NULL,
    "column" TEXT NOT NULL,
    short TEXT,  -- name of the cell in the wide views and exports
    row_group TEXT,
    role TEXT CHECK (role IN ('inflow', 'outcome', 'outcome_total', 'outflow', 'stock', 'part', 'subtotal')),  -- what may be added to what
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

-- Every check, from the data of the code that runs it.
CREATE TABLE rule (
    rule TEXT PRIMARY KEY,
    severity TEXT NOT NULL,
    statement_zh TEXT NOT NULL,
    statement_en TEXT NOT NULL,
    source TEXT NOT NULL,
    exceptions TEXT NOT NULL,
    version INTEGER NOT NULL
);

-- Replies and corrections of agencies, editors' notes; shown wherever the target is.
CREATE TABLE annotation (
    target_type TEXT NOT NULL,
    target_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    source_url TEXT,
    date TEXT NOT NULL
);
CREATE INDEX annotation_by_target ON annotation (target_type, target_key);

-- What is withheld from everything published, with its reason.
CREATE TABLE withheld (
    target_type TEXT NOT NULL,
    target_key TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('hide', 'redact', 'purge')),
    reason TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    PRIMARY KEY (target_type, target_key)
) WITHOUT ROWID;

-- Full text: pairs of characters (archive/store/search.py), contentless; its rowid is `report.id`.
CREATE VIRTUAL TABLE report_fts USING fts5 (title, agency, text, content = '', tokenize = 'unicode61');
