//! Random typed expressions: calls by the registry's signatures, and the syntax that is no function.

use std::collections::BTreeMap;

use nutkin_functions::registry::{self, Determinism};
use nutkin_fuzz::random::Random;
use nutkin_types::LogicalType;
use nutkin_types::data_type::TypeFamily;

use super::leaves::Leaves;
use super::signature::{Element, forms};
use super::slots::{self, Wanted};
use super::tree::{Part, Tree};
use super::{mixed_with, seeded};
use crate::sides::nutkin::Typing;

/// Syntax that is no entry of the registry, written in its notation.
const SYNTAX: &[(&str, &str)] = &[
    ("CAST", "CAST(value AS type)"),
    ("TRY_CAST", "TRY_CAST(value AS type) or TRY_CAST(string AS type)"),
    (
        "CASE",
        "CASE WHEN condition THEN value1 ELSE value2 END or CASE WHEN condition1 THEN value1 WHEN condition2 THEN value2 END",
    ),
    ("CASE OF", "CASE value1 WHEN value2 THEN string1 WHEN value3 THEN string2 ELSE string3 END"),
    ("BETWEEN", "value1 BETWEEN value2 AND value3 or value1 NOT BETWEEN value2 AND value3"),
    ("BETWEEN SYMMETRIC", "value1 BETWEEN SYMMETRIC value2 AND value3"),
    ("NOT IN", "value NOT IN (value1, value2, ...)"),
    ("NOT LIKE", "string NOT LIKE pattern"),
    ("JSON WITHIN", "JSON_OBJECT(KEY key VALUE JSON(json)) or JSON_ARRAY(JSON(json), value)"),
    ("NEGATION", "- numeric"),
];

/// Not by themselves deterministic although they are marked so, or not to be called by name in Flink; with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("JSON", "it stands within JSON_OBJECT and JSON_ARRAY only, and is tried there"),
    ("CURRENT_WATERMARK", "it needs an event time"),
    ("UNIX_TIMESTAMP", "without arguments it is the clock"),
    ("OBJECT_UPDATE", "it wants an object that has the field it names; its answers are recorded"),
];

/// One function or piece of syntax.
struct Function {
    name: &'static str,
    forms: Vec<Vec<Element>>,
}

/// Makes expressions over the columns of a table.
pub struct Expressions {
    functions: Vec<Function>,
    typing: Typing,
    is_typed: bool,
    pub leaves: Leaves,
    /// Which functions give which family: for the places within other expressions.
    by_result: BTreeMap<String, Vec<usize>>,
}

/// How often a call is built anew when its types do not fit.
const TRIES: usize = 10;
/// Calls of each function from which is learned what it gives.
const SAMPLES: usize = 6;

impl Expressions {
    /// Of every deterministic function of the registry, and the syntax.
    pub fn new(columns: &[(&str, &str)]) -> Expressions {
        let usable = registry::all().filter(|function| function.determinism == Determinism::Deterministic);
        let usable = usable.filter(|function| LEFT_OUT.iter().all(|(name, _)| *name != function.name));
        // The original's own preprocessing of texts and features: Flink has none of these.
        let usable = usable.filter(|function| !function.name.starts_with("ML_"));
        let registered = usable.map(|function| (function.name, function.signature));
        Expressions::of(registered.chain(SYNTAX.iter().copied()), columns, true)
    }

    /// Of these functions. Calls that have no type by themselves, such as aggregates, are not typed.
    pub fn of(
        signatures: impl Iterator<Item = (&'static str, &'static str)>,
        columns: &[(&str, &str)],
        is_typed: bool,
    ) -> Expressions {
        let functions = signatures.map(|(name, signature)| Function { name, forms: forms(signature) }).collect();
        let typing = Typing::new(columns);
        let leaves = Leaves::new(columns, &typing);
        let mut expressions = Expressions { functions, typing, is_typed, leaves, by_result: BTreeMap::new() };
        for index in (0..expressions.functions.len()).filter(|_| is_typed) {
            let random = &mut seeded(0, expressions.functions[index].name, 0);
            for tree in (0..SAMPLES).filter_map(|_| expressions.call(index, 0, random)).collect::<Vec<_>>() {
                let known = expressions.by_result.entry(format!("{:?}", tree.logical.family())).or_default();
                if !known.contains(&index) {
                    known.push(index);
                }
            }
        }
        expressions
    }

    /// Names of what is generated.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.functions.iter().map(|function| function.name)
    }

    /// How many functions there are: so many turns are a round.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// An expression whose outermost call is one of function `turn`, modulo their number. None when none was found that Nutkin types.
    pub fn next(&self, seed: u64, turn: usize) -> Option<Tree> {
        let (index, round) = (turn % self.len(), turn / self.len());
        let mut random = seeded(seed, self.functions[index].name, round);
        let depth = if self.is_typed { *random.pick(&[0, 1, 1, 2, 2, 3]) } else { 0 };
        self.call(index, depth, &mut random).map(readable)
    }

    /// An expression of any function.
    pub fn any(&self, random: &mut Random) -> Option<Tree> {
        let all: Vec<usize> = (0..self.len()).collect();
        self.call(self.chosen(&all, random)?, 1, random)
    }

    /// One of the functions: one more among them is chosen now and then, and changes nothing else.
    fn chosen(&self, from: &[usize], random: &mut Random) -> Option<usize> {
        let bits = random.bits();
        from.iter().copied().max_by_key(|&index| mixed_with(bits, self.functions[index].name))
    }

    /// A condition.
    pub fn condition(&self, random: &mut Random) -> Tree {
        self.of_family(TypeFamily::Boolean, 1, random)
    }

    /// Gives the tree the type that Nutkin says it has; false when it is refused.
    pub fn typed(&self, tree: &mut Tree) -> bool {
        // The prefix of a table is not known to the typing of single expressions.
        let found = self.typing.of(&tree.sql().replace("t.w.", "w."));
        found.map(|logical| tree.logical = logical).is_some()
    }

    fn call(&self, index: usize, depth: usize, random: &mut Random) -> Option<Tree> {
        for _ in 0..TRIES {
            let form = random.pick(&self.functions[index].forms).clone();
            let mut parts = Vec::new();
            self.fill(index, &form, depth, random, &mut parts);
            let mut tree = Tree { parts, logical: LogicalType::Null };
            if !self.is_typed {
                return Some(tree);
            }
            if !self.typed(&mut tree) {
                continue;
            }
            return Some(tree);
        }
        None
    }

    fn fill(&self, index: usize, form: &[Element], depth: usize, random: &mut Random, parts: &mut Vec<Part>) {
        for element in form {
            match element {
                Element::Text(text) => push(parts, text),
                Element::Slot(names) => {
                    let name = random.pick(names).clone();
                    self.slot(index, &name, depth, random, parts);
                }
                Element::Optional(inner) => {
                    if random.once_in(2) {
                        self.fill(index, inner, depth, random, parts);
                    }
                }
                Element::Choice(choices) => {
                    let chosen = random.pick(choices).clone();
                    self.fill(index, &chosen, depth, random, parts);
                }
                Element::Repeat(again) => {
                    for _ in 0..random.below(3) {
                        // A group that may be left out brings its comma along.
                        if !matches!(again.first(), Some(Element::Text(text)) if text.starts_with(',')) {
                            push(parts, ", ");
                        }
                        self.fill(index, again, depth, random, parts);
                    }
                }
            }
        }
    }

    fn slot(&self, index: usize, name: &str, depth: usize, random: &mut Random, parts: &mut Vec<Part>) {
        let function = self.functions[index].name;
        let depth = if random.once_in(3) { 0 } else { depth };
        let child = match slots::wanted(function, name) {
            Wanted::Keyword(words) => {
                push(parts, random.pick::<&str>(words));
                return;
            }
            Wanted::Numbers(numbers) => Tree::leaf(*random.pick::<&str>(numbers), LogicalType::Int),
            Wanted::Words(words) if !random.once_in(6) => {
                let word = random.pick(words);
                Tree::leaf(
                    format!("'{}'", word.replace('\'', "''")),
                    LogicalType::Char { length: word.chars().count() as u32 },
                )
            }
            Wanted::Words(_) => self.of_family(TypeFamily::CharacterString, depth, random),
            Wanted::Families(families) => {
                // Now and then something else, which either side may refuse.
                let families = if random.once_in(24) { slots::ALL } else { families };
                // The first ones are what is meant, the others what is taken as well.
                let family = if random.once_in(2) { families[0] } else { *random.pick(families) };
                self.of_family(family, depth, random)
            }
            Wanted::Any => match brother(parts).filter(|_| !random.once_in(4)) {
                Some(logical) => self.of_type(&logical, depth, random),
                None => self.of_family(*random.pick(slots::ALL), depth, random),
            },
            Wanted::Element => match brother(parts) {
                Some(LogicalType::Array { element }) => self.of_type(&element.logical, depth, random),
                _ => self.of_family(*random.pick(slots::ALL), depth, random),
            },
        };
        parts.push(Part::Child(child));
    }

    fn of_type(&self, logical: &LogicalType, depth: usize, random: &mut Random) -> Tree {
        let leaf = self.leaves.of_type(logical, random);
        match leaf {
            Some(leaf) if depth == 0 || random.once_in(3) => leaf,
            _ => self.of_family(logical.family(), depth, random),
        }
    }

    /// An expression of a family, of at most so many calls in one another.
    pub fn of_family(&self, family: TypeFamily, depth: usize, random: &mut Random) -> Tree {
        let known = self.by_result.get(&format!("{family:?}")).filter(|_| depth > 0);
        let found = known.and_then(|known| self.chosen(known, random));
        let call = found.and_then(|index| self.call(index, depth - 1, random));
        let fitting = call.filter(|tree| tree.logical.family() == family);
        fitting.unwrap_or_else(|| self.leaves.pick(family, random))
    }
}

/// The type of the last expression before.
fn brother(parts: &[Part]) -> Option<LogicalType> {
    parts.iter().rev().find_map(|part| match part {
        Part::Child(tree) => Some(tree.logical.clone()),
        Part::Text(_) => None,
    })
}

/// Flink's gateway cannot write a VARIANT: of an expression that gives one it is asked whether it is NULL.
fn readable(tree: Tree) -> Tree {
    if !holds_variant(&tree.logical) {
        return tree;
    }
    Tree { parts: vec![Part::Child(tree), Part::Text(" IS NULL".to_owned())], logical: LogicalType::Boolean }
}

fn holds_variant(logical: &LogicalType) -> bool {
    match logical {
        LogicalType::Variant => true,
        LogicalType::Array { element } | LogicalType::Multiset { element } => holds_variant(&element.logical),
        LogicalType::Map { key, value } => holds_variant(&key.logical) || holds_variant(&value.logical),
        other => {
            other.fields().is_some_and(|fields| fields.iter().any(|field| holds_variant(&field.data_type.logical)))
        }
    }
}

fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}
