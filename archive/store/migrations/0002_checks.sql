-- Checks are counted once, when a run ends, and not at every question; and what the archive held is sealed.

ALTER TABLE site ADD COLUMN covers TEXT;  -- whose reports its lists would show: `county`, `towns` or `departments`

-- # What was looked at

-- One run over one site, counted when the run ended: the material of a check.
CREATE TABLE site_check (
    site TEXT NOT NULL,
    crawl_id INTEGER NOT NULL REFERENCES crawl (id) ON DELETE CASCADE,
    began TEXT NOT NULL,  -- when its first list had been walked
    lists INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),  -- the run came to its end, and every list was walked completely
    PRIMARY KEY (site, crawl_id)
) WITHOUT ROWID;
CREATE INDEX site_check_by_crawl ON site_check (crawl_id);

-- Checks summed up for the view `coverage`: those begun after one due day and not after the next. Made anew when a run ends.
CREATE TABLE checks_since (
    admin_code TEXT NOT NULL,
    covers TEXT NOT NULL,  -- as in `site`: a check takes all enabled sites of the county that cover the same
    due_on TEXT NOT NULL,  -- the last due day before the checks; empty if there was none
    lists INTEGER NOT NULL,
    complete INTEGER NOT NULL,  -- complete checks: runs in which all lists of all those sites were walked completely
    first_check TEXT,  -- the first and the last complete one
    last_check TEXT,
    PRIMARY KEY (admin_code, covers, due_on)
) WITHOUT ROWID;

-- # The file itself

-- A seal over the snapshots that came in since the one before: each seal's digest holds the earlier one's (docs/operating-archive.md).
CREATE TABLE seal (
    number INTEGER PRIMARY KEY,
    sealed_at TEXT NOT NULL,
    first_id INTEGER NOT NULL,  -- the first and last `snapshot.id` sealed
    last_id INTEGER NOT NULL,
    snapshots INTEGER NOT NULL,
    digest TEXT NOT NULL
);
