//! Queries, a job each.

use std::time::Instant;

use super::{Findings, known};
use crate::compare::{Verdict, verdict};
use crate::report::tell;
use crate::settings::{Settings, flink};
use crate::shrink;
use crate::sides::flink::Flink;
use crate::sides::nutkin::Nutkin;
use crate::sql::queries::{Queries, TABLES};
use crate::sql::seeded;
use crate::table::Table;

/// New tables after so many queries.
const QUERIES_PER_TABLES: usize = 10;

fn small(seed: u64, turn: usize) -> [Table; 2] {
    TABLES.map(|name| Table::small(name, &mut seeded(seed, name, turn)))
}

#[test]
fn queries_give_what_they_give_in_flink() {
    let (settings, start) = (Settings::read(), Instant::now());
    let Some(address) = flink(settings.queries) else { return };
    let queries = Queries::new();
    let mut findings = Findings::new(settings.clone(), &known::QUERIES);
    let mut flink = Flink::new(&address, "streaming");
    let (mut turn, mut tried) = (0, 0);
    let mut tables = small(settings.seed, 0);
    // What is not built does not count as tried.
    while tried < settings.queries && turn < settings.queries * 10 {
        if turn % QUERIES_PER_TABLES == 0 {
            tables = small(settings.seed, turn);
            tables.iter().for_each(|table| flink.create(table));
        }
        let all = tables.each_ref();
        let nutkin = Nutkin::new(&all);
        let query = queries.next(settings.seed, turn);
        turn += 1;
        let verdict = verdict(&query.sql(), &nutkin, &mut flink);
        findings.count(&verdict);
        tried += usize::from(matches!(verdict, Verdict::Same | Verdict::Differs(_)));
        let Verdict::Differs(difference) = verdict else { continue };
        let (query, difference) = match findings.is_to_shrink(&query.sql(), &difference) {
            true => shrink::query(query, difference, &nutkin, &mut flink),
            false => (query, difference),
        };
        findings.differs(&query.sql(), &difference, &all);
    }
    tell(&format!("differential: {turn} queries, {} statements of Flink, {:?}", flink.statements, start.elapsed()));
    findings.summary("queries");
    findings.conclude(known::QUERIES.most);
}
