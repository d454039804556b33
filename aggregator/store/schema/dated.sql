-- An entry that comes with its date is noted as one that gets it (see triggers.sql).
CREATE TRIGGER entry_added_dated AFTER INSERT ON entries WHEN new.published IS NOT NULL
BEGIN
    DELETE FROM to_relate WHERE (agency, day) = (new.agency, substr(new.published, 1, 10));
    INSERT INTO to_relate VALUES (new.agency, substr(new.published, 1, 10));
    DELETE FROM to_archive WHERE (agency, month) = (new.agency, substr(new.published, 1, 7));
    INSERT INTO to_archive (agency, month) VALUES (new.agency, substr(new.published, 1, 7));
    DELETE FROM to_show WHERE entry = new.key;
    INSERT INTO to_show (entry, id) VALUES (new.key, new.id);
END;
