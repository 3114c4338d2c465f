//! The best order of the inner joins of a list: first all pairs of tables that a condition joins, then all sets of three, and so
//! on; of each set of tables the way that makes the fewest rows is kept. Of equals the first one is, with more tables on the left.

use std::collections::HashMap;

use super::flatten::Joined;
use super::rows::{estimate, is_unique, of_join};
use crate::selectivity::selectivity;
use crate::tables::Tables;

/// A tree of joins: `shapes[root]`, and what it refers to.
pub(super) struct Order {
    pub shapes: Vec<Shape>,
    pub root: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Position in the list.
    Table(usize),
    /// Positions in [`Order::shapes`].
    Join(usize, usize),
}

/// One way to join a set of tables.
struct Way {
    shape: Shape,
    tables: u64,
    rows: f64,
    cost: f64,
}

/// Ways for sets of the same number of tables, in the order in which the sets were found.
#[derive(Default)]
struct Level {
    ways: Vec<usize>,
    places: HashMap<u64, usize>,
}

pub(super) fn best_order(joined: &Joined, most: usize, tables: &dyn Tables) -> Order {
    let mut search = Search { joined, ways: Vec::new() };
    let singles = search.singles(tables);
    let found = if singles.ways.len() <= most { search.every_order(singles) } else { search.one_by_one(singles) };
    let root = search.across(&found);
    Order { shapes: search.ways.iter().map(|way| way.shape).collect(), root }
}

struct Search<'a> {
    joined: &'a Joined,
    ways: Vec<Way>,
}

impl Search<'_> {
    /// The tables of inner joins.
    fn singles(&mut self, tables: &dyn Tables) -> Level {
        let mut level = Level::default();
        for (place, table) in self.joined.tables.iter().enumerate().filter(|(_, table)| table.outer.is_none()) {
            let found = estimate(&table.rel, tables);
            let way = Way { shape: Shape::Table(place), tables: 1 << place, rows: found.rows, cost: found.cost };
            self.offer(&mut level, way);
        }
        level
    }

    /// Keeps `way` if there is none for its tables, or none as good.
    fn offer(&mut self, level: &mut Level, way: Way) {
        let next = self.ways.len();
        match level.places.get(&way.tables) {
            Some(&place) if way.cost < self.ways[level.ways[place]].cost => level.ways[place] = next,
            Some(_) => return,
            None => {
                level.places.insert(way.tables, level.ways.len());
                level.ways.push(next);
            }
        }
        self.ways.push(way);
    }

    fn every_order(&mut self, singles: Level) -> Vec<Level> {
        let count = singles.ways.len();
        let mut levels = vec![singles];
        while levels.len() < count {
            let mut next = Level::default();
            let last = levels.len() - 1;
            for small in 0..=last / 2 {
                let large = last - small;
                for place in 0..levels[small].ways.len() {
                    let from = if small == large { place } else { 0 };
                    for other in from..levels[large].ways.len() {
                        let (one, two) = (levels[small].ways[place], levels[large].ways[other]);
                        if let Some(way) = self.joined_way(one, two) {
                            self.offer(&mut next, way);
                        }
                    }
                }
            }
            if next.ways.is_empty() {
                break;
            }
            levels.push(next);
        }
        levels
    }

    /// Always joins the two parts that give the fewest rows.
    fn one_by_one(&mut self, singles: Level) -> Vec<Level> {
        let mut parts = singles.ways.clone();
        let mut levels = vec![singles];
        loop {
            let mut best: Option<(usize, usize, Way)> = None;
            for one in 0..parts.len() {
                for two in one + 1..parts.len() {
                    let Some(way) = self.joined_way(parts[one], parts[two]) else { continue };
                    if best.as_ref().is_none_or(|(.., best)| way.rows < best.rows) {
                        best = Some((one, two, way));
                    }
                }
            }
            let Some((one, two, way)) = best else { return levels };
            parts.remove(two);
            parts[one] = self.ways.len();
            let mut level = Level::default();
            self.offer(&mut level, way);
            levels.push(level);
        }
    }

    /// The join of two ways, where they have no table in common and a condition joins them.
    fn joined_way(&self, one: usize, two: usize) -> Option<Way> {
        let (small, large) = (&self.ways[one], &self.ways[two]);
        if small.tables & large.tables != 0 {
            return None;
        }
        self.joined.conditions_between(small.tables, large.tables).next()?;
        let deeper_first = small.tables.count_ones() >= large.tables.count_ones();
        let (left, right) = if deeper_first { (one, two) } else { (two, one) };
        Some(self.join(left, right))
    }

    fn join(&self, left: usize, right: usize) -> Way {
        let (one, two) = (&self.ways[left], &self.ways[right]);
        let (mut passes, mut keys) = (1.0, [Vec::new(), Vec::new()]);
        for condition in self.joined.conditions_between(one.tables, two.tables) {
            match condition.key {
                Some([a, b]) => {
                    let (a, b) = if self.has(one.tables, a) { (a, b) } else { (b, a) };
                    keys[0].push(a);
                    keys[1].push(b);
                }
                None => passes *= selectivity(&condition.expr),
            }
        }
        let unique = [self.is_unique(left, &keys[0]), self.is_unique(right, &keys[1])];
        let rows = of_join(one.rows, two.rows, keys[0].len(), passes, unique).max(1.0);
        let cost = rows + one.cost + two.cost;
        Way { shape: Shape::Join(left, right), tables: one.tables | two.tables, rows, cost }
    }

    fn has(&self, tables: u64, column: usize) -> bool {
        let table = self.joined.tables.partition_point(|table| table.first <= column).saturating_sub(1);
        tables & (1 << table) != 0
    }

    /// Whether the rows of a way differ in `columns`; None where a table has no key.
    fn is_unique(&self, way: usize, columns: &[usize]) -> Option<bool> {
        let (left, right) = match self.ways[way].shape {
            Shape::Table(place) => {
                let table = &self.joined.tables[place];
                let own: Vec<usize> = columns.iter().map(|column| column - table.first).collect();
                return is_unique(&table.rel, &own);
            }
            Shape::Join(left, right) => (left, right),
        };
        let (of_left, of_right): (Vec<usize>, Vec<usize>) =
            columns.iter().partition(|&&column| self.has(self.ways[left].tables, column));
        match (of_left.is_empty(), of_right.is_empty()) {
            (true, true) => None,
            (false, false) => both(self.is_unique(left, &of_left), self.is_unique(right, &of_right)),
            (one_is_left, _) => {
                let (own, columns, other) = if one_is_left { (right, of_right, left) } else { (left, of_left, right) };
                let keys = self.keys(other, own);
                both(self.is_unique(other, &keys), self.is_unique(own, &columns))
            }
        }
    }

    /// The columns of `of` that equal one of `with`.
    fn keys(&self, of: usize, with: usize) -> Vec<usize> {
        let (own, other) = (self.ways[of].tables, self.ways[with].tables);
        let keys = self.joined.conditions_between(own, other).filter_map(|condition| condition.key);
        keys.map(|[a, b]| if self.has(own, a) { a } else { b }).collect()
    }

    /// All tables: the best of the largest sets, then every other set that no condition joins to it, in the order of the
    /// tables.
    fn across(&mut self, levels: &[Level]) -> usize {
        let all = levels.first().map_or(0, |level| level.places.keys().fold(0, |all, tables| all | tables));
        let mut root = None;
        let mut left = all;
        while left != 0 {
            let wanted = if root.is_none() { 0 } else { left & left.wrapping_neg() };
            let Some(way) = self.largest(levels, left, wanted) else { break };
            left &= !self.ways[way].tables;
            root = Some(match root {
                None => way,
                Some(before) => {
                    let joined = self.join(before, way);
                    self.ways.push(joined);
                    self.ways.len() - 1
                }
            });
        }
        root.unwrap_or(0)
    }

    /// The best way of the largest set of tables among `of` that has `wanted`.
    fn largest(&self, levels: &[Level], of: u64, wanted: u64) -> Option<usize> {
        let fits = |&way: &usize| self.ways[way].tables & !of == 0 && self.ways[way].tables & wanted == wanted;
        levels.iter().rev().find_map(|level| {
            let ways = level.ways.iter().copied().filter(fits);
            ways.reduce(|best, way| if self.ways[way].cost < self.ways[best].cost { way } else { best })
        })
    }
}

/// Whether both are so; None where one of them is not known, even if the other one is not so.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    one.zip(other).map(|(one, other)| one && other)
}
