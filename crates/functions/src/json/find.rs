//! What a path finds in a tree.

use std::borrow::Cow;

use super::Json;
use super::path::{Step, is_definite};
use super::write;

/// What was found.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'j, 'a> {
    /// By a path that names one value.
    Value(&'j Json<'a>),
    /// By a path that may name many.
    List(Vec<&'j Json<'a>>),
    /// Some fields of an object: `['a','b']`.
    Fields(Vec<(&'j Cow<'a, str>, &'j Json<'a>)>),
    /// `length()`
    Number(usize),
}

/// A path that names one value found none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing;

impl<'j, 'a> Found<'j, 'a> {
    pub fn is_null(&self) -> bool {
        matches!(self, Found::Value(Json::Null))
    }

    pub fn is_scalar(&self) -> bool {
        match self {
            Found::Value(json) => json.is_scalar(),
            Found::Number(_) => true,
            Found::List(_) | Found::Fields(_) => false,
        }
    }

    /// The elements, when it is an array.
    pub fn items(&self) -> Option<Vec<&'j Json<'a>>> {
        match self {
            Found::List(items) => Some(items.clone()),
            Found::Value(Json::Array(items)) => Some(items.iter().collect()),
            _ => None,
        }
    }

    /// As JSON text.
    pub fn write(&self, out: &mut String) {
        match self {
            Found::Value(json) => write::write(json, out),
            Found::List(items) => write::write_list(items.iter().copied(), out),
            Found::Fields(fields) => write::write_object(fields.iter().copied(), out),
            Found::Number(number) => out.push_str(&number.to_string()),
        }
    }
}

/// What `steps` find below `root`.
pub(crate) fn find<'j, 'a>(root: &'j Json<'a>, steps: &[Step]) -> Result<Found<'j, 'a>, Missing> {
    if !is_definite(steps) {
        let mut found = Vec::new();
        let mut search = Search { root, definite: true, found: &mut found };
        search.walk(root, steps)?;
        return Ok(Found::List(found));
    }
    let mut at = root;
    for step in steps {
        at = match step {
            Step::Field(name) => at.field(name).ok_or(Missing)?,
            Step::Index(index) => element(at, *index).ok_or(Missing)?,
            Step::Fields(names) => {
                let Json::Object(fields) = at else { return Err(Missing) };
                let wanted = names.iter().filter_map(|name| fields.iter().find(|(known, _)| known == name));
                return Ok(Found::Fields(wanted.map(|(name, value)| (name, value)).collect()));
            }
            Step::Length => {
                return match at {
                    Json::Array(items) => Ok(Found::Number(items.len())),
                    Json::Object(fields) => Ok(Found::Number(fields.len())),
                    _ => Err(Missing),
                };
            }
            _ => return Err(Missing),
        };
    }
    Ok(Found::Value(at))
}

fn element<'j, 'a>(json: &'j Json<'a>, index: i64) -> Option<&'j Json<'a>> {
    let Json::Array(items) = json else { return None };
    let index = if index < 0 { index + items.len() as i64 } else { index };
    items.get(usize::try_from(index).ok()?)
}

/// The walk of a path that may find many.
struct Search<'s, 'j, 'a> {
    root: &'j Json<'a>,
    /// True while no step that may find many was passed: a missing value is an error then.
    definite: bool,
    found: &'s mut Vec<&'j Json<'a>>,
}

impl<'j, 'a> Search<'_, 'j, 'a> {
    fn walk(&mut self, at: &'j Json<'a>, steps: &[Step]) -> Result<(), Missing> {
        let Some((step, rest)) = steps.split_first() else {
            self.found.push(at);
            return Ok(());
        };
        let before = self.definite;
        let result = self.step(at, step, rest);
        self.definite = before;
        result
    }

    fn step(&mut self, at: &'j Json<'a>, step: &Step, rest: &[Step]) -> Result<(), Missing> {
        match step {
            Step::Field(name) => match at.field(name) {
                Some(value) => self.walk(value, rest),
                None => self.missing(),
            },
            Step::Index(index) => match (element(at, *index), at) {
                (Some(value), _) => self.walk(value, rest),
                (None, Json::Array(_)) => Ok(()),
                (None, _) => self.missing(),
            },
            Step::Fields(names) => {
                self.definite = false;
                names.iter().filter_map(|name| at.field(name)).try_for_each(|value| self.walk(value, rest))
            }
            Step::Indexes(indexes) => {
                self.array(at, rest, |items| indexes.iter().map(|i| place(*i, items)).collect::<Vec<_>>())
            }
            Step::Slice(start, end) => self.array(at, rest, |items| {
                let limit =
                    |bound: i64| if bound < 0 { (bound + items as i64).max(0) } else { bound.min(items as i64) };
                let (start, end) = (limit(start.unwrap_or(0)), limit(end.unwrap_or(items as i64)));
                (start..end).map(|i| usize::try_from(i).ok()).collect()
            }),
            Step::Wildcard => {
                self.definite = false;
                children(at).into_iter().try_for_each(|child| self.walk(child, rest))
            }
            Step::Deep => {
                self.definite = false;
                self.deep(at, rest)
            }
            Step::Filter(filter) => {
                self.definite = false;
                match at {
                    Json::Array(items) => {
                        let root = self.root;
                        items.iter().filter(|item| filter.holds(item, root)).try_for_each(|item| self.walk(item, rest))
                    }
                    Json::Object(_) if filter.holds(at, self.root) => self.walk(at, rest),
                    _ => Ok(()),
                }
            }
            Step::Length => Ok(()),
        }
    }

    fn missing(&self) -> Result<(), Missing> {
        if self.definite { Err(Missing) } else { Ok(()) }
    }

    fn array(
        &mut self,
        at: &'j Json<'a>,
        rest: &[Step],
        places: impl Fn(usize) -> Vec<Option<usize>>,
    ) -> Result<(), Missing> {
        let Json::Array(items) = at else { return self.missing() };
        self.definite = false;
        places(items.len()).into_iter().filter_map(|place| items.get(place?)).try_for_each(|item| self.walk(item, rest))
    }

    /// `rest` at this value and at all below it.
    fn deep(&mut self, at: &'j Json<'a>, rest: &[Step]) -> Result<(), Missing> {
        let fits = match rest.first() {
            Some(Step::Field(_) | Step::Fields(_)) => matches!(at, Json::Object(_)),
            Some(Step::Index(_) | Step::Indexes(_) | Step::Slice(..)) => matches!(at, Json::Array(_)),
            _ => true,
        };
        if fits {
            self.walk(at, rest)?;
        }
        children(at).into_iter().try_for_each(|child| self.deep(child, rest))
    }
}

fn place(index: i64, items: usize) -> Option<usize> {
    usize::try_from(if index < 0 { index + items as i64 } else { index }).ok()
}

fn children<'j, 'a>(json: &'j Json<'a>) -> Vec<&'j Json<'a>> {
    match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => fields.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}
