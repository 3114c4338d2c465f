//! The acceptance cases of spec acceptance.md 6.1 whose operators exist: they plan, with the changelog they must have.

use super::support::Catalog;

fn catalog() -> Catalog {
    Catalog::default()
        .with("CREATE TABLE movie_ticket_sales (title STRING, sale_ts STRING, ticket_total_value INT)")
        .with("CREATE TABLE movie_sales (title STRING, release_year INT, total_sales INT)")
        .with("CREATE TABLE temperature_readings (sensor_id INT, temperature DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE ratings (title STRING, release_year INT, rating DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)")
        .with("CREATE TABLE all_publications (id INT, author STRING, title STRING)")
        .with("CREATE TABLE drama (id INT, author STRING, title STRING)")
        .with("CREATE TABLE events (id INT, payload STRING, happened BIGINT, tags MAP<STRING, STRING>)")
}

/// `(case, query, append only)`
const QUERIES: &[(&str, &str, bool)] = &[
    ("T-01", "SELECT title, COUNT(ticket_total_value) AS tickets_sold FROM movie_ticket_sales GROUP BY title", false),
    ("T-02", "SELECT release_year, MIN(total_sales) AS low, MAX(total_sales) AS high FROM movie_sales GROUP BY release_year", false),
    (
        "T-04",
        "SELECT ROUND(SUM(temperature), 2) AS total, window_start, window_end FROM TABLE(CUMULATE(TABLE temperature_readings, DESCRIPTOR(ts),
           INTERVAL '5' MINUTES, INTERVAL '10' MINUTES)) GROUP BY window_start, window_end",
        true,
    ),
    ("T-07", "SELECT id, author, title FROM all_publications WHERE author = 'George R. R. Martin'", true),
    (
        "T-08",
        "SELECT sensor_id, AVG(temperature) AS average, window_start, window_end FROM TABLE(HOP(TABLE temperature_readings, DESCRIPTOR(ts),
           INTERVAL '5' MINUTES, INTERVAL '10' MINUTES)) GROUP BY sensor_id, window_start, window_end",
        true,
    ),
    ("T-11", "SELECT tags['kind'] AS kind, COUNT(*) FROM events GROUP BY tags['kind']", false),
    ("T-12", "SELECT id, author, title FROM drama UNION ALL SELECT id, author, title FROM all_publications", true),
    (
        "T-19",
        "SELECT TO_TIMESTAMP_LTZ(happened, 3) AS t, UNIX_TIMESTAMP(payload) AS u, DAYOFWEEK(CAST(TO_TIMESTAMP_LTZ(happened, 3) AS DATE)) AS d,
           CONVERT_TZ(payload, 'UTC', 'America/Los_Angeles') AS c FROM events",
        true,
    ),
    (
        "T-21",
        "SELECT title, COUNT(*) AS n, AVG(rating) AS average, window_start, window_end FROM TABLE(TUMBLE(TABLE ratings, DESCRIPTOR(ts),
           INTERVAL '6' HOURS)) GROUP BY title, window_start, window_end",
        true,
    ),
    (
        "decision 21",
        "SELECT window_time, n FROM (SELECT window_time, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE ratings, DESCRIPTOR(ts), INTERVAL '1' HOUR))
           GROUP BY window_start, window_end, window_time)
         UNION ALL
         SELECT window_time, n FROM (SELECT window_time, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE ratings, DESCRIPTOR(ts), INTERVAL '2' HOUR))
           GROUP BY window_start, window_end, window_time)",
        true,
    ),
];

#[test]
fn published_tutorials_are_planned() {
    let catalog = catalog();
    for (case, query, append_only) in QUERIES {
        let run = catalog.run(query);
        assert_eq!(run.is_append_only, *append_only, "{case}");
        assert_eq!(run.upsert_columns, (!append_only).then(|| vec![0]), "{case}");
    }
    let run = catalog.run(QUERIES[9].1);
    assert!(run.schema.columns[0].is_rowtime(), "window_time stays event time through UNION ALL");
}

#[test]
fn t_12_and_t_18_write_several_tables() {
    let catalog = catalog().with("CREATE TABLE fantasy (id INT, author STRING, title STRING)");
    let plan = catalog.plan(
        "EXECUTE STATEMENT SET BEGIN
           INSERT INTO drama SELECT * FROM all_publications WHERE author = 'a';
           INSERT INTO fantasy (title, id) SELECT title, id FROM all_publications WHERE author = 'b';
         END",
    );
    assert_eq!(plan.sinks().count(), 2);
    assert_eq!(plan.tables.len(), 3);
}
