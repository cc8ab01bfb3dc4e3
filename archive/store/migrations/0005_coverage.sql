-- Coverage of a year in a few milliseconds: what was looked at since each due day is summed up when a run ends.

DROP TABLE checks_since;

-- Checks summed up for the view `coverage`: for each due day all those begun after it. Made anew when a run ends.
CREATE TABLE checks_since (
    admin_code TEXT NOT NULL,
    covers TEXT NOT NULL,  -- as in `site`: a check takes all enabled sites of the county that cover the same
    due_on TEXT NOT NULL,
    lists INTEGER NOT NULL,
    complete INTEGER NOT NULL,  -- complete checks: runs in which all lists of all those sites were walked completely
    first_check TEXT,  -- the first and the last complete one
    last_check TEXT,
    PRIMARY KEY (admin_code, covers, due_on)
) WITHOUT ROWID;

DELETE FROM meta WHERE name = 'reference';  -- so that opening the archive fills it
