//! Expressions, a hundred to a job.

use std::time::Instant;

use nutkin_fuzz::random::Random;

use super::{Findings, known};
use crate::compare::{PACK, Verdict, verdicts};
use crate::report::tell;
use crate::settings::{Settings, flink};
use crate::shrink;
use crate::sides::flink::Flink;
use crate::sides::nutkin::Nutkin;
use crate::sql::expressions::Expressions;
use crate::sql::tree::Tree;
use crate::table::{COLUMNS, Table};

#[test]
fn expressions_mean_what_they_mean_in_flink() {
    let Some(address) = flink() else { return };
    let (settings, start) = (Settings::read(), Instant::now());
    let mut random = Random::new(settings.seed);
    let mut expressions = Expressions::new(COLUMNS, &mut random);
    let mut findings = Findings::new(settings, known::EXPRESSIONS.0);
    let mut flink = Flink::new(&address, "batch");
    let mut turn = 0;
    while turn < settings.expressions {
        let table = Table::of_all_types("t", &mut random);
        let nutkin = Nutkin::new(&[&table]);
        flink.create(&table);
        let trees = pack(&mut expressions, &mut turn, settings.expressions, &mut random);
        let verdicts = verdicts(&trees, &nutkin, &mut flink, &|sql| findings.known.is_unparsed(&select(sql)));
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
    tell(&format!("differential: {turn} expressions, {} statements of Flink, {:?}", flink.statements, start.elapsed()));
    findings.summary("expressions");
    findings.conclude(known::EXPRESSIONS.1);
}

fn select(expression: &str) -> String {
    format!("SELECT {expression} FROM t")
}

/// The next expressions. Where none was found that Nutkin types, the turn is passed.
fn pack(expressions: &mut Expressions, turn: &mut usize, most: usize, random: &mut Random) -> Vec<Tree> {
    let mut trees: Vec<Tree> = Vec::new();
    let end = (*turn + PACK).min(most);
    while *turn < end {
        trees.extend(expressions.next(*turn, random));
        *turn += 1;
    }
    trees
}
