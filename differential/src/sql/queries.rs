//! Random small queries over two tables of the same columns: filters, groups, set operations, sub-queries, joins.

use nutkin_functions::aggregate;
use nutkin_fuzz::random::Random;
use nutkin_types::LogicalType;
use nutkin_types::data_type::TypeFamily;

use super::expressions::Expressions;
use super::seeded;
use super::tree::{Part, Tree};
use crate::table::SMALL;

/// The tables.
pub const TABLES: [&str; 2] = ["l", "k"];

/// Aggregates that are not to be called by name, or whose result no client can read; with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("$SUM0", "Flink's planner alone calls it"),
    ("SINGLE_VALUE", "Flink's planner alone calls it"),
    ("COLLECT", "the gateway's JSON has texts as keys only"),
];

/// One SELECT, and what follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub is_distinct: bool,
    pub items: Vec<Tree>,
    pub from: From,
    pub filter: Option<Tree>,
    pub groups: Vec<Tree>,
    pub having: Option<Tree>,
    pub set: Option<(&'static str, Box<Query>)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum From {
    Table(&'static str),
    /// A sub-query with the columns of a table.
    Filtered(&'static str, Tree),
    /// Both tables, one after the other.
    Both,
    /// `l JOIN k`, of this kind, on this condition; the columns of `k` have other names.
    Join(&'static str, &'static str),
}

/// The columns of `k` in a join.
const RENAMED: &str = "(SELECT a AS a2, b AS b2, c AS c2, d AS d2 FROM k)";
const JOINS: &[&str] = &["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"];
const ON: &[&str] = &["a = a2", "a = a2 AND b = b2", "c = c2 AND d < d2", "b = b2 AND a <> a2"];
const SETS: &[&str] = &["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"];
/// Conditions with queries of their own.
const SUBQUERIES: &[&str] = &[
    "a IN (SELECT a FROM k)",
    "a NOT IN (SELECT a FROM k WHERE a IS NOT NULL)",
    "EXISTS (SELECT 1 FROM k WHERE k.c > 0)",
    "d > (SELECT MIN(d) FROM k)",
    "EXISTS (SELECT 1 FROM k WHERE k.b = l.b)",
];

/// Makes queries.
pub struct Queries {
    pub values: Expressions,
    aggregates: Expressions,
}

impl Queries {
    pub fn new() -> Queries {
        let called = aggregate::all().filter(|function| LEFT_OUT.iter().all(|(name, _)| *name != function.name));
        let signatures = called.map(|function| (function.name, function.signature));
        Queries { values: Expressions::new(SMALL), aggregates: Expressions::of(signatures, SMALL, false) }
    }

    /// The query of this turn: each aggregate function comes in its turn.
    pub fn next(&self, seed: u64, turn: usize) -> Query {
        let random = &mut seeded(seed, "query", turn);
        let from = self.from(random);
        let filter = random.once_in(2).then(|| self.condition(&from, random));
        let mut query =
            Query { is_distinct: false, items: Vec::new(), from, filter, groups: Vec::new(), having: None, set: None };
        match random.below(8) {
            0 | 1 => self.plain(&mut query, random),
            2 => self.set(&mut query, random),
            kind => {
                if kind > 3 {
                    for _ in 0..=random.below(2) {
                        query.groups.push(self.key(random));
                    }
                }
                query.items.clone_from(&query.groups);
                self.aggregate(&mut query, turn, random);
            }
        }
        query
    }

    fn from(&self, random: &mut Random) -> From {
        match random.below(8) {
            0 => From::Filtered("l", self.values.condition(random)),
            1 => From::Both,
            2 => From::Join(random.pick::<&str>(JOINS), random.pick::<&str>(ON)),
            3 => From::Table("k"),
            _ => From::Table("l"),
        }
    }

    fn condition(&self, from: &From, random: &mut Random) -> Tree {
        match from {
            From::Table("l") if random.once_in(3) => Tree::leaf(*random.pick::<&str>(SUBQUERIES), LogicalType::Boolean),
            _ => self.values.condition(random),
        }
    }

    fn plain(&self, query: &mut Query, random: &mut Random) {
        query.is_distinct = random.once_in(3);
        for _ in 0..=random.below(3) {
            query.items.push(self.key(random));
        }
        for _ in 0..random.below(3) {
            query.items.extend(self.values.any(random));
        }
    }

    /// Two queries that give the same columns.
    fn set(&self, query: &mut Query, random: &mut Random) {
        query.items = ["a", "b", "e"][random.below(2)..].iter().map(|name| self.column(name)).collect();
        let filter = random.once_in(2).then(|| self.values.condition(random));
        let other = Query { from: From::Table("k"), filter, ..query.clone() };
        query.set = Some((random.pick::<&str>(SETS), Box::new(other)));
    }

    fn aggregate(&self, query: &mut Query, turn: usize, random: &mut Random) {
        // The order of rows decides some results, and it is known only of a single table.
        let of_order = |tree: &Tree| {
            ["FIRST_", "LAST_", "LISTAGG", "ARRAY_AGG", "JSON_"].iter().any(|name| tree.sql().starts_with(name))
        };
        let is_ordered = matches!(query.from, From::Table(_) | From::Filtered(..));
        for number in 0..=random.below(3) {
            let mut call = self.aggregates.next(random.bits(), turn + number);
            call = call.filter(|call| is_ordered || !of_order(call));
            let Some(call) = call else { continue };
            let filtered = random.once_in(4).then(|| self.values.condition(random));
            query.items.push(match filtered {
                Some(condition) => {
                    let mut parts = call.parts;
                    parts.extend([
                        Part::Text(" FILTER (WHERE ".to_owned()),
                        Part::Child(condition),
                        Part::Text(")".to_owned()),
                    ]);
                    Tree { parts, logical: LogicalType::Null }
                }
                None => call,
            });
        }
        if query.items.is_empty() {
            query.items.push(Tree::leaf("COUNT(*)", LogicalType::BigInt));
        }
        if !query.groups.is_empty() && random.once_in(4) {
            query.having = Some(Tree::leaf(
                *random.pick(&["COUNT(*) > 1", "MAX(c) >= 0", "SUM(a) IS NOT NULL"]),
                LogicalType::Boolean,
            ));
        }
    }

    /// Something to group by.
    fn key(&self, random: &mut Random) -> Tree {
        if random.once_in(4) {
            return self.values.of_family(
                *random.pick(&[TypeFamily::ExactInteger, TypeFamily::CharacterString, TypeFamily::Boolean]),
                1,
                random,
            );
        }
        let name = random.pick(SMALL).0;
        self.column(name)
    }

    fn column(&self, name: &str) -> Tree {
        let mut tree = Tree::leaf(name, LogicalType::Null);
        assert!(self.values.typed(&mut tree), "{name}");
        tree
    }
}

impl Query {
    pub fn sql(&self) -> String {
        let list = |trees: &[Tree]| trees.iter().map(Tree::sql).collect::<Vec<_>>().join(", ");
        let mut sql = format!("SELECT {}{}", if self.is_distinct { "DISTINCT " } else { "" }, list(&self.items));
        sql += &match &self.from {
            From::Table(name) => format!(" FROM {name}"),
            From::Filtered(name, condition) => format!(" FROM (SELECT * FROM {name} WHERE {}) AS l", condition.sql()),
            From::Both => " FROM (SELECT * FROM l UNION ALL SELECT * FROM k)".to_owned(),
            From::Join(kind, on) => format!(" FROM l {kind} {RENAMED} ON {on}"),
        };
        if let Some(filter) = &self.filter {
            sql += &format!(" WHERE {}", filter.sql());
        }
        if !self.groups.is_empty() {
            sql += &format!(" GROUP BY {}", list(&self.groups));
        }
        if let Some(having) = &self.having {
            sql += &format!(" HAVING {}", having.sql());
        }
        if let Some((word, other)) = &self.set {
            sql += &format!(" {word} {}", other.sql());
        }
        sql
    }

    /// Queries with something less, the largest steps first.
    pub fn smaller(&self) -> Vec<Query> {
        let mut found = Vec::new();
        if let Some((_, other)) = &self.set {
            found.push(Query { set: None, ..self.clone() });
            found.push((**other).clone());
        }
        if self.filter.is_some() {
            found.push(Query { filter: None, ..self.clone() });
        }
        if self.having.is_some() {
            found.push(Query { having: None, ..self.clone() });
        }
        if self.is_distinct {
            found.push(Query { is_distinct: false, ..self.clone() });
        }
        found.extend(
            TABLES
                .into_iter()
                .filter(|_| !matches!(self.from, From::Table(_)))
                .map(|name| Query { from: From::Table(name), ..self.clone() }),
        );
        for index in 0..self.groups.len() {
            let mut less = self.clone();
            let group = less.groups.remove(index);
            less.items.retain(|item| *item != group);
            found.push(less);
        }
        for index in 0..self.items.len() {
            let mut less = self.clone();
            let item = less.items.remove(index);
            if self.set.is_none() {
                found.push(less.clone());
            }
            for child in item.children().filter(|_| !self.groups.contains(&item)) {
                let mut less = self.clone();
                less.items[index] = child.clone();
                found.push(less);
            }
        }
        if let Some(filter) = &self.filter {
            let conditions = filter.children().filter(|child| child.logical == LogicalType::Boolean);
            found.extend(conditions.map(|child| Query { filter: Some(child.clone()), ..self.clone() }));
        }
        found.retain(|query| !query.items.is_empty());
        found
    }
}
