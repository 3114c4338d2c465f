//! A verdict for each of many expressions that run in few jobs.
//!
//! About a hundred expressions are the columns of one SELECT. When Flink refuses it and says where, the others run without that
//! one; when it does not say where, or a job fails, the expressions are halved until those are alone that did it. What Nutkin
//! refuses runs alone from the start: there Flink must refuse, too.

use nutkin_types::data_type::TypeFamily;
use nutkin_types::{LogicalType, Value};

use crate::answer::{Answer, Refusal, Rows, near_rows, same_bag, same_entries, same_rows, same_type};
use crate::sides::flink::Flink;
use crate::sides::nutkin::Nutkin;
use crate::sql::tree::{Part, Tree};

/// Expressions of one job.
pub const PACK: usize = 100;

/// What became of one expression.
#[derive(Debug, Clone)]
pub enum Verdict {
    Same,
    /// Both refuse it.
    Refused,
    /// It cannot be compared; why.
    Untried(String),
    Differs(Difference),
}

impl Verdict {
    /// As it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Refused => "refused by both",
            Verdict::Untried(_) => "not to be compared",
            Verdict::Differs(_) => "differing",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Difference {
    pub kind: Kind,
    pub nutkin: String,
    pub flink: String,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Type,
    Value,
    /// Values that are the same but for the last digits of doubles.
    Digits,
    /// Nutkin gives values, Flink refuses.
    OnlyNutkin,
    /// Flink gives values, Nutkin refuses.
    OnlyFlink,
}

impl Kind {
    pub const ALL: [(Kind, &'static str); 5] = [
        (Kind::Type, "type"),
        (Kind::Value, "value"),
        (Kind::Digits, "digits"),
        (Kind::OnlyNutkin, "only Nutkin"),
        (Kind::OnlyFlink, "only Flink"),
    ];

    pub fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

const SELECT: &str = "SELECT ";
const BETWEEN: &str = ", ";

/// The query of some expressions over table `t`.
pub fn query(texts: &[&String]) -> String {
    format!("{SELECT}{} FROM t", texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join(BETWEEN))
}

/// The expression as it is asked for: Flink's JSON takes texts as the keys of maps only, so maps are lists of their entries.
pub fn asked(tree: &Tree) -> Tree {
    if tree.logical.family() != TypeFamily::Map {
        return tree.clone();
    }
    let parts = vec![Part::Text("MAP_ENTRIES(".to_owned()), Part::Child(tree.clone()), Part::Text(")".to_owned())];
    Tree { parts, logical: tree.logical.clone() }
}

/// The verdicts of all trees, in their order; `is_alone` when Flink is thought to fail most of them.
pub fn verdicts(trees: &[Tree], nutkin: &Nutkin, flink: &mut Flink, is_alone: bool) -> Vec<Verdict> {
    let texts: Vec<String> = trees.iter().map(|tree| asked(tree).sql()).collect();
    let ours = each(&texts, &mut |sql| nutkin.run(sql));
    let is_packed = |answer: &Answer| answer.is_ok() && !is_alone;
    let packed: Vec<String> =
        texts.iter().zip(&ours).filter(|(_, ours)| is_packed(ours)).map(|(text, _)| text.clone()).collect();
    let mut of_packed = each(&packed, &mut |sql| flink.run(sql)).into_iter();
    let mut found = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        found.push(match &ours[index] {
            Err(refusal) if refusal.is_untried => Verdict::Untried(refusal.brief()),
            ours => {
                let theirs = match is_packed(ours) {
                    true => of_packed.next().expect("an answer each"),
                    false => flink.run(&query(&[text])),
                };
                // One row after the other of one file: their order is known.
                let is_map = trees[index].logical.family() == TypeFamily::Map;
                judge(ours, &theirs, if is_map { same_entries } else { same_rows })
            }
        });
    }
    found
}

/// The answer of every text, by as few queries as need be.
fn each(texts: &[String], run: &mut dyn FnMut(&str) -> Answer) -> Vec<Answer> {
    let mut found: Vec<Option<Answer>> = vec![None; texts.len()];
    let mut open: Vec<Vec<usize>> = vec![(0..texts.len()).collect()];
    while let Some(mut group) = open.pop() {
        if group.is_empty() {
            continue;
        }
        let of_group: Vec<&String> = group.iter().map(|&index| &texts[index]).collect();
        match run(&query(&of_group)) {
            Ok(rows) => group.iter().enumerate().for_each(|(at, &index)| found[index] = Some(Ok(column(&rows, at)))),
            Err(refusal) => match refusal.column.and_then(|column| speaks_of(column, &of_group)) {
                _ if group.len() == 1 => found[group[0]] = Some(Err(refusal)),
                Some(place) => {
                    found[group.remove(place)] = Some(Err(refusal));
                    open.push(group);
                }
                None => {
                    let right = group.split_off(group.len() / 2);
                    open.extend([right, group]);
                }
            },
        }
    }
    found.into_iter().map(|answer| answer.expect("every group ends")).collect()
}

/// Which text stands at a column of [`query`].
fn speaks_of(column: usize, texts: &[&String]) -> Option<usize> {
    let mut end = SELECT.len();
    texts.iter().position(|text| {
        let begin = end;
        end += text.encode_utf16().count() + BETWEEN.len();
        (begin + 1..=end).contains(&column)
    })
}

fn column(rows: &Rows, index: usize) -> Rows {
    let cells = rows.rows.iter().map(|row| vec![row[index].clone()]);
    Rows { types: vec![rows.types[index].clone()], rows: cells.collect() }
}

/// The verdict on a query of one table of results.
pub fn verdict(sql: &str, nutkin: &Nutkin, flink: &mut Flink) -> Verdict {
    match nutkin.run(sql) {
        Err(refusal) if refusal.is_untried => Verdict::Untried(refusal.brief()),
        ours => judge(&ours, &flink.run(sql), same_bag),
    }
}

/// When rows are the same.
type Same = fn(&[Vec<Value>], &[Vec<Value>]) -> bool;

fn judge(ours: &Answer, theirs: &Answer, same: Same) -> Verdict {
    let differs = |kind, nutkin: String, flink: String| Verdict::Differs(Difference { kind, nutkin, flink });
    match (ours, theirs) {
        (_, Err(refusal)) if refusal.is_untried => Verdict::Untried(refusal.brief()),
        (Err(_), Err(_)) => Verdict::Refused,
        (Ok(ours), Err(refusal)) => differs(Kind::OnlyNutkin, shown(ours), refused(refusal)),
        (Err(refusal), Ok(theirs)) => differs(Kind::OnlyFlink, refused(refusal), shown(theirs)),
        (Ok(ours), Ok(theirs)) => {
            let same_types = ours.types.len() == theirs.types.len()
                && ours.types.iter().zip(&theirs.types).all(|(a, b)| same_type(a, b));
            if !same_types {
                return differs(Kind::Type, types(ours), types(theirs));
            }
            let kind = match same(&ours.rows, &theirs.rows) {
                true => return Verdict::Same,
                false if near_rows(&ours.rows, &theirs.rows) => Kind::Digits,
                false => Kind::Value,
            };
            differs(kind, shown(ours), shown(theirs))
        }
    }
}

fn types(rows: &Rows) -> String {
    let text = |logical: &LogicalType| logical.clone().nullable().erase_nullability().to_string();
    rows.types.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn refused(refusal: &Refusal) -> String {
    format!("refused: {}", refusal.brief())
}

/// The rows, with their types.
fn shown(rows: &Rows) -> String {
    let row = |row: &Vec<Value>| row.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let rows_text = rows.rows.iter().map(row).collect::<Vec<_>>().join(" | ");
    format!("{rows_text} {}", types(rows))
}
