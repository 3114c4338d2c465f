use crate::script::split;

fn pieces(text: &str) -> Vec<String> {
    split(text).into_statements()
}

#[test]
fn statements_end_at_semicolons() {
    assert_eq!(pieces("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
    assert_eq!(pieces(" ;; \n"), Vec::<String>::new());
    assert_eq!(pieces("SELECT 'größer;' ; SELECT 2;"), ["SELECT 'größer;'", "SELECT 2"]);
}

#[test]
fn quotes_hide_semicolons() {
    for text in ["SELECT 'a;b'", "SELECT 'it''s; so'", "SELECT `a;``b`", "SELECT \"a;b\"", "SELECT 'é;ü'"] {
        assert_eq!(pieces(&format!("{text};SELECT 2")), [text, "SELECT 2"]);
    }
    // Never closed: the service says so.
    assert_eq!(pieces("SELECT 'a; SELECT 2;"), ["SELECT 'a; SELECT 2;"]);
}

#[test]
fn comments_hide_semicolons_and_are_no_statements() {
    assert_eq!(pieces("-- a; b\nSELECT 1; -- end;"), ["-- a; b\nSELECT 1"]);
    assert_eq!(pieces("/* ; ' */ SELECT 1 /* ; */; /* only; this */"), ["/* ; ' */ SELECT 1 /* ; */"]);
    assert_eq!(pieces("SELECT * FROM t /*+ OPTIONS('a'=';') */; SELECT 2").len(), 2);
    assert_eq!(pieces("SELECT 4 - -1; SELECT 6 / 2").len(), 2);
}

/// Spec D-22.
#[test]
fn a_statement_set_is_one_statement() {
    let set = "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE WHEN x THEN 1 END; END";
    assert_eq!(pieces(&format!("SHOW TABLES; {set}; SELECT 1")), ["SHOW TABLES", set, "SELECT 1"]);
    let explain = "explain statement set\nbegin\n insert into a select 1; -- end;\nend";
    assert_eq!(pieces(&format!("{explain};")), [explain]);
    // These words alone begin nothing.
    assert_eq!(pieces("SELECT begin FROM statement; SET 'a' = 'b'; SELECT 1").len(), 3);
    assert_eq!(pieces("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;").len(), 1);
}

#[test]
fn a_typed_text_is_complete_after_its_semicolon() {
    for (text, complete) in [
        ("SELECT 1", false),
        ("SELECT 1;", true),
        ("", true),
        ("-- note", true),
        ("/* open", false),
        ("SELECT ';", false),
        ("SELECT 1; SELECT", false),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", false),
    ] {
        assert_eq!(split(text).is_complete(), complete, "{text}");
    }
}
