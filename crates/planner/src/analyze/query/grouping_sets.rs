//! GROUPING SETS, ROLLUP and CUBE (spec Q-02): every row once per set, told apart by a number.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, GroupBy, GroupingElement};
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::group_window::GroupWindowKey;
use crate::analyze::expression::null_of;
use crate::analyze::expression::{Context, aggregate_calls::has_aggregate, expression};
use crate::analyze::places::GROUPING_SET;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Expand, Rel, identity};

/// The most sets of one query.
const MOST: usize = 64;

/// Keys of a grouped query, and which of them each set has. One set with all keys is an ordinary GROUP BY.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Equal ones once. With several sets the last is the number of the set.
    pub exprs: Vec<Expr>,
    /// Places of keys; empty for an ordinary GROUP BY.
    pub sets: Vec<Vec<usize>>,
    /// TUMBLE, HOP or SESSION among the keys; its keys come after all others.
    pub window: Option<GroupWindowKey>,
}

/// The keys of GROUP BY over the rows.
pub(super) fn keys(context: &Context<'_>, group_by: Option<&GroupBy>) -> Result<Keys> {
    let mut keys = Keys { exprs: Vec::new(), sets: Vec::new(), window: None };
    let Some(group_by) = group_by else { return Ok(keys) };
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for element in &group_by.elements {
        if let GroupingElement::Expr(expr) = element
            && let Some(window) = GroupWindowKey::of(context, expr)?
        {
            if keys.window.replace(window).is_some() {
                let cause = "Multiple windows on the same GROUP BY are not supported";
                return Err(PlannerError::new(ErrorKind::Query, cause).at(expr.span));
            }
            continue;
        }
        let of_element = keys.element(context, element)?;
        let both = |set: &Vec<usize>| {
            let joined =
                |other: &Vec<usize>| set.iter().chain(other.iter().filter(|key| !set.contains(key))).copied().collect();
            of_element.iter().map(joined).collect::<Vec<Vec<usize>>>()
        };
        sets = sets.iter().flat_map(both).collect();
        if sets.len() > MOST {
            return Err(
                PlannerError::new(ErrorKind::Query, format!("More than {MOST} grouping sets")).at(group_by.span)
            );
        }
    }
    if group_by.quantifier == Some(ast::SetQuantifier::Distinct) {
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort();
        sets.dedup();
    }
    if sets.len() > 1 {
        if keys.window.is_some() {
            return Err(PlannerError::not_built("A group window together with grouping sets").at(group_by.span));
        }
        keys.sets = sets;
        keys.exprs.push(Expr::input(GROUPING_SET, LogicalType::BigInt.not_null()));
    } else if let Some(only) = sets.pop()
        && only.len() < keys.exprs.len()
    {
        keys.exprs = only.into_iter().map(|key| keys.exprs[key].clone()).collect();
    }
    if let Some(window) = &mut keys.window {
        keys.exprs.extend(window.keys(keys.exprs.len()));
    }
    Ok(keys)
}

impl Keys {
    fn place(&mut self, context: &Context<'_>, written: &ast::Expr) -> Result<usize> {
        if has_aggregate(written) {
            let cause = "Aggregate expression is illegal in GROUP BY clause";
            return Err(PlannerError::new(ErrorKind::Query, cause).at(written.span));
        }
        let key = expression(context, written)?;
        Ok(self.exprs.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.exprs.push(key);
            self.exprs.len() - 1
        }))
    }

    /// The sets that an element stands for.
    fn element(&mut self, context: &Context<'_>, element: &GroupingElement) -> Result<Vec<Vec<usize>>> {
        Ok(match element {
            GroupingElement::Expr(expr) => vec![vec![self.place(context, expr)?]],
            GroupingElement::Set(exprs) => {
                vec![exprs.iter().map(|expr| self.place(context, expr)).collect::<Result<_>>()?]
            }
            GroupingElement::GroupingSets(elements) => {
                let mut sets = Vec::new();
                for element in elements {
                    sets.extend(self.element(context, element)?);
                }
                sets
            }
            GroupingElement::Rollup(elements) => {
                let parts = self.parts(context, elements)?;
                (0..=parts.len()).rev().map(|length| parts[..length].concat()).collect()
            }
            GroupingElement::Cube(elements) => {
                let parts = self.parts(context, elements)?;
                if parts.len() > 6 {
                    return Err(PlannerError::new(ErrorKind::Query, format!("More than {MOST} grouping sets")));
                }
                let chosen = |mask: usize| {
                    let has = |i: &usize| mask & (1 << (parts.len() - 1 - i)) == 0;
                    (0..parts.len()).filter(has).flat_map(|i| parts[i].clone()).collect()
                };
                (0..1usize << parts.len()).map(chosen).collect()
            }
        })
    }

    fn parts(&mut self, context: &Context<'_>, elements: &[GroupingElement]) -> Result<Vec<Vec<usize>>> {
        elements.iter().map(|element| Ok(self.element(context, element)?.concat())).collect()
    }

    /// True when a key can be missing from the group of a row.
    pub fn is_optional(&self, key: usize) -> bool {
        !self.sets.is_empty() && key + 1 < self.exprs.len() && self.sets.iter().any(|set| !set.contains(&key))
    }

    /// How many keys there are besides the set's number.
    fn count(&self) -> usize {
        self.exprs.len() - usize::from(!self.sets.is_empty())
    }

    /// The number of a set: one bit for each key that it does not have, the first key's highest.
    fn number(&self, place: usize) -> i64 {
        let bits =
            |set: &Vec<usize>| (0..self.count()).fold(0i64, |bits, key| bits << 1 | i64::from(!set.contains(&key)));
        let Some(set) = self.sets.get(place) else { return 0 };
        let earlier = self.sets[..place].iter().filter(|other| bits(other) == bits(set)).count();
        // Equal sets are different groups all the same.
        bits(set) | i64::try_from(earlier).unwrap_or(0) << self.count()
    }

    /// GROUPING(keys): a bit for each key, 1 where the row's set does not have it.
    pub fn grouping(&self, wanted: &[usize]) -> Expr {
        let data_type = LogicalType::BigInt.not_null();
        let bits = |set: &Vec<usize>| wanted.iter().fold(0i64, |bits, key| bits << 1 | i64::from(!set.contains(key)));
        let literal = |value: i64| Expr::literal(Value::Integer(value), LogicalType::BigInt.not_null());
        let number = Expr::input(self.count(), LogicalType::BigInt.not_null());
        let branches = (0..self.sets.len()).map(|place| {
            let test =
                Expr::call("=", vec![number.clone(), literal(self.number(place))], LogicalType::Boolean.not_null());
            (test, literal(bits(&self.sets[place])))
        });
        let branches: Vec<(Expr, Expr)> = branches.collect();
        if branches.is_empty() {
            return literal(0);
        }
        Expr { kind: ExprKind::Case { branches, otherwise: Box::new(literal(0)) }, data_type }
    }

    /// `input` (keys, then arguments) once per set, with the set's number behind the keys.
    pub fn expand(&self, input: Rel) -> Rel {
        if self.sets.is_empty() {
            return input;
        }
        let count = self.count();
        let all = identity(&input.schema);
        let nullable = |key: usize| -> DataType {
            let own = &input.schema.columns[key].data_type;
            own.with_nullable(own.nullable || self.is_optional(key))
        };
        let row = |place: usize| {
            let keys = (0..count).map(|key| match self.sets[place].contains(&key) {
                true => all[key].clone(),
                false => null_of(&nullable(key)),
            });
            let number = Expr::literal(Value::Integer(self.number(place)), LogicalType::BigInt.not_null());
            keys.chain([number]).chain(all[count..].iter().cloned()).collect()
        };
        let projections = (0..self.sets.len()).map(row).collect();
        let plain = |column: &Column, data_type: DataType| Column::new(column.name.clone(), data_type);
        let keys =
            input.schema.columns.iter().take(count).enumerate().map(|(key, column)| plain(column, nullable(key)));
        let number = Column::new("$e", LogicalType::BigInt.not_null());
        let rest = input.schema.columns.iter().skip(count).map(|column| plain(column, column.data_type.clone()));
        let schema = Schema::new(keys.chain([number]).chain(rest));
        Rel::new(Expand { input: Box::new(input), projections, id_column: count }, schema)
    }
}
