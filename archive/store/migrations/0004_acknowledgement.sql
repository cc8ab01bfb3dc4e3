-- An operator may say of a site: its trouble is known. It is no news until a day.

-- # What was looked at

-- What an operator knows of a site's trouble: it is no alarm until that day. The last word on a site counts.
CREATE TABLE acknowledgement (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    until TEXT NOT NULL,  -- the last day on which it holds
    reason TEXT NOT NULL CHECK (reason <> ''),
    acknowledged_at TEXT NOT NULL
);
CREATE INDEX acknowledgement_by_site ON acknowledgement (site);
