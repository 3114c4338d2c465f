//! Expressions, a hundred to a job.

use std::time::Instant;

use nutkin_types::LogicalType;

use super::{Findings, known};
use crate::compare::{PACK, Verdict, verdicts};
use crate::report::{case, tell};
use crate::settings::{Settings, flink};
use crate::shrink;
use crate::sides::flink::Flink;
use crate::sides::nutkin::{Nutkin, Typing};
use crate::sql::expressions::Expressions;
use crate::sql::seeded;
use crate::sql::tree::Tree;
use crate::table::{COLUMNS, Table};

#[test]
fn expressions_mean_what_they_mean_in_flink() {
    let (settings, start) = (Settings::read(), Instant::now());
    let Some(address) = flink(settings.expressions) else { return };
    let mut flink = Flink::new(&address, "batch");
    if let Some(file) = &settings.file {
        return try_each(file, settings.seed, &mut flink);
    }
    let expressions = Expressions::new(COLUMNS);
    let mut findings = Findings::new(settings.clone(), &known::EXPRESSIONS);
    let mut turn = 0;
    while turn < settings.expressions {
        let round = turn / expressions.len();
        let table = Table::of_all_types("t", &mut seeded(settings.seed, "table", round));
        let nutkin = Nutkin::new(&[&table]);
        flink.create(&table);
        let end = ((round + 1) * expressions.len()).min(settings.expressions);
        while turn < end {
            let turns = turn..(turn + PACK).min(end);
            turn = turns.end;
            let trees: Vec<Tree> = turns.filter_map(|turn| expressions.next(settings.seed, turn)).collect();
            let verdicts = verdicts(&trees, &nutkin, &mut flink, false);
            for (tree, verdict) in trees.into_iter().zip(verdicts) {
                findings.count(&verdict);
                let Verdict::Differs(difference) = verdict else { continue };
                let (tree, difference) = match findings.is_to_shrink(&select(&tree.sql()), &difference) {
                    true => shrink::expression(tree, difference, &expressions, &nutkin, &mut flink),
                    false => (tree, difference),
                };
                findings.differs(&select(&tree.sql()), &difference, &[&table]);
            }
        }
    }
    tell(&format!("differential: {turn} expressions, {} statements of Flink, {:?}", flink.statements, start.elapsed()));
    findings.summary("expressions");
    findings.conclude(known::EXPRESSIONS.most);
}

/// Tells what both sides say to each line of a file.
fn try_each(file: &str, seed: u64, flink: &mut Flink) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let table = Table::of_all_types("t", &mut seeded(seed, "table", 0));
    let nutkin = Nutkin::new(&[&table]);
    let typing = Typing::new(COLUMNS);
    // What has no type is refused by Nutkin, and runs alone.
    let tree = |line: &str| Tree::leaf(line, typing.of(line).unwrap_or(LogicalType::Null));
    let trees: Vec<Tree> = text.lines().filter(|line| !line.trim().is_empty()).map(tree).collect();
    flink.create(&table);
    for trees in trees.chunks(PACK) {
        for (tree, verdict) in trees.iter().zip(verdicts(trees, &nutkin, flink, false)) {
            let sql = select(&tree.sql());
            match verdict {
                Verdict::Differs(difference) => tell(&case(&sql, &difference, seed, &[&table])),
                Verdict::Untried(reason) => tell(&format!("not compared: {sql}: {reason}")),
                Verdict::Refused => tell(&format!("refused by both: {sql}: {:?}", nutkin.run(&sql).map(|_| ()))),
                Verdict::Same => tell(&format!("same: {sql}: {:?}", nutkin.run(&sql).map(|rows| rows.rows))),
            }
        }
    }
}

fn select(expression: &str) -> String {
    format!("SELECT {expression} FROM t")
}
