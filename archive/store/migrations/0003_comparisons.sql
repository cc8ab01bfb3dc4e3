-- Reports are compared with others, and only what a new reading touches is compared again.

-- # Reports

-- Reports that were read anew, changed or removed since reports were last compared with each other; triggers on `report` fill it.
CREATE TABLE comparison_due (
    agency_id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    PRIMARY KEY (agency_id, year)
) WITHOUT ROWID;

-- Every reading is written with one UPDATE that names `form`; one that says only that a page was seen again does not.
-- NOT EXISTS, for the conflict clause of the outer statement would overrule one that stands here.
CREATE TRIGGER report_came AFTER INSERT ON report BEGIN
    INSERT INTO comparison_due SELECT NEW.agency_id, NEW.year WHERE NOT EXISTS (
        SELECT 1 FROM comparison_due WHERE agency_id = NEW.agency_id AND year = NEW.year);
END;
CREATE TRIGGER report_was_read AFTER UPDATE OF form ON report BEGIN
    INSERT INTO comparison_due SELECT NEW.agency_id, NEW.year WHERE NOT EXISTS (
        SELECT 1 FROM comparison_due WHERE agency_id = NEW.agency_id AND year = NEW.year);
END;
CREATE TRIGGER report_went AFTER DELETE ON report BEGIN
    INSERT INTO comparison_due SELECT OLD.agency_id, OLD.year WHERE NOT EXISTS (
        SELECT 1 FROM comparison_due WHERE agency_id = OLD.agency_id AND year = OLD.year);
END;

CREATE INDEX agency_link_by_successor ON agency_link (to_key);
CREATE INDEX finding_by_origin ON finding (origin, report_id);
