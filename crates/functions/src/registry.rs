//! The registry of scalar functions and operators: one table per family, all looked up by name.
//!
//! A new function is an entry in its family's table (`scalar/`). Names are case-insensitive; aliases lead to the same
//! entry, whose `name` is the canonical one used in plans. Special syntax becomes plain arguments:
//!
//! | SQL | call |
//! |---|---|
//! | `EXTRACT(HOUR FROM t)` | `EXTRACT('HOUR', t)` |
//! | `FLOOR(t TO DAY)`, `CEIL(t TO DAY)` | `FLOOR(t, 'DAY')`, `CEIL(t, 'DAY')` |
//! | `TIMESTAMPADD(DAY, n, t)`, `TIMESTAMPDIFF(DAY, a, b)` | `TIMESTAMPADD('DAY', n, t)`, `TIMESTAMPDIFF('DAY', a, b)` |
//! | `TRIM(LEADING 'x' FROM s)`, `TRIM(s)` | `TRIM('LEADING', 'x', s)`, `TRIM(s)` |
//! | `SUBSTRING(s FROM a FOR n)`, `POSITION(a IN s)`, `OVERLAY(s PLACING r FROM a FOR n)` | arguments in this order |
//! | `x LIKE p ESCAPE e`, `x SIMILAR TO p` | `LIKE(x, p, e)`, `SIMILAR TO(x, p)` |
//! | `x IN (a, b)` | `IN(x, a, b)` |
//! | `x BETWEEN a AND b` | `x >= a AND x <= b` by the analysis |
//! | `NOT LIKE`, `NOT IN`, `NOT BETWEEN` | `NOT` around the positive form |
//! | `x IS NULL`, `x IS NOT TRUE`, `x IS DISTINCT FROM y` | calls of that name |
//! | `ARRAY[a, b]`, `MAP[k, v]`, `ROW(a, b)`, `x[i]` | `ARRAY(a, b)`, `MAP(k, v)`, `ROW(a, b)`, `ITEM(x, i)` |
//! | `-x` | `-` with one argument |
//! | `JSON_VALUE(... RETURNING t ... ON EMPTY)` and its kin | the clauses as arguments ([`crate::resolve::json`]) |
//! | `(a, b) OVERLAPS (c, d)` | `OVERLAPS(a, b, c, d)` |

use std::collections::HashMap;
use std::sync::LazyLock;

use nutkin_types::{DataType, Value};

use crate::args::Args;
use crate::context::EvaluatorOptions;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::signature::{Argument, Inferred, Of};

/// Whether equal arguments give equal results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Determinism {
    Deterministic,
    /// Fixed within a bounded query, per row in streaming: CURRENT_TIMESTAMP and its kin (spec 2.8). Not folded.
    Dynamic,
    /// RAND, UUID, CURRENT_ROW_TIMESTAMP: anew for every row.
    NonDeterministic,
}

/// Part of the documentation a function belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Comparison,
    Logical,
    Arithmetic,
    String,
    Temporal,
    Conditional,
    Conversion,
    Collection,
    Json,
    Hash,
    MachineLearning,
}

/// A compiled function: one call per batch.
pub type Kernel = Box<dyn Fn(&Args<'_>) -> Result<arrow_array::ArrayRef, EvaluationError> + Send + Sync>;

/// What is known where a call is compiled.
pub struct Site<'a> {
    /// Types of the arguments after implicit casts.
    pub args: &'a [DataType],
    /// Values of the arguments that are literals.
    pub literals: &'a [Option<&'a Value>],
    pub result: &'a DataType,
    pub options: &'a EvaluatorOptions,
}

impl Site<'_> {
    /// The text of a literal argument.
    pub fn text(&self, index: usize) -> Option<String> {
        match self.literals.get(index) {
            Some(Some(Value::String(text))) => Some(text.clone()),
            _ => None,
        }
    }

    /// The text of a literal argument in upper case, such as a clause or a time unit.
    pub fn keyword(&self, index: usize) -> Option<String> {
        self.text(index).map(|text| text.to_uppercase())
    }
}

/// How a function is run.
#[derive(Clone, Copy)]
pub enum Evaluation {
    /// Arguments are evaluated for all rows, then given to the kernel.
    Kernel(fn(&Site<'_>) -> Result<Kernel, FunctionError>),
    /// Kleene AND, left to right; what follows FALSE is not evaluated.
    And,
    /// Kleene OR, left to right; what follows TRUE is not evaluated.
    Or,
    /// First argument that is not NULL; the rest is not evaluated.
    Coalesce,
    /// `IF(condition, then, else)`: as CASE.
    If,
    /// `value IN (...)`: what is computed in the list is so only where nothing before it is equal; the kernel is for the rest.
    In(fn(&Site<'_>) -> Result<Kernel, FunctionError>),
}

/// One built-in scalar function or operator.
pub struct ScalarFunction {
    /// Canonical upper-case name or operator symbol.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub family: Family,
    /// How it is written, for documentation, DESCRIBE FUNCTION and errors.
    pub signature: &'static str,
    pub description: &'static str,
    /// `(SQL, result as text)`; every example is run as a test.
    pub examples: &'static [(&'static str, &'static str)],
    pub determinism: Determinism,
    /// `NULL` as it stands has no type. Some functions give it the type of their parameter; these do not, and take only a
    /// NULL with a type. The check is the analysis's: only there is it known how a NULL was written.
    pub refuses_untyped_null: bool,
    types: fn(Of, &[Argument<'_>]) -> Result<Inferred, SignatureError>,
    pub evaluation: Evaluation,
}

impl ScalarFunction {
    /// A deterministic function without aliases and examples.
    pub const fn new(
        name: &'static str,
        family: Family,
        signature: &'static str,
        description: &'static str,
        types: fn(Of, &[Argument<'_>]) -> Result<Inferred, SignatureError>,
        compile: fn(&Site<'_>) -> Result<Kernel, FunctionError>,
    ) -> ScalarFunction {
        ScalarFunction {
            name,
            aliases: &[],
            family,
            signature,
            description,
            examples: &[],
            determinism: Determinism::Deterministic,
            refuses_untyped_null: false,
            types,
            evaluation: Evaluation::Kernel(compile),
        }
    }

    /// The types that the arguments are cast to, and the type of the result. Errors when the function does not take them.
    pub fn infer(&self, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
        (self.types)(Of::new(self.name, self.signature), args)
    }

    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> ScalarFunction {
        self.aliases = aliases;
        self
    }

    pub const fn examples(mut self, examples: &'static [(&'static str, &'static str)]) -> ScalarFunction {
        self.examples = examples;
        self
    }

    pub const fn determinism(mut self, determinism: Determinism) -> ScalarFunction {
        self.determinism = determinism;
        self
    }

    pub const fn refuses_untyped_null(mut self) -> ScalarFunction {
        self.refuses_untyped_null = true;
        self
    }

    pub const fn evaluation(mut self, evaluation: Evaluation) -> ScalarFunction {
        self.evaluation = evaluation;
        self
    }
}

/// A kernel that needs nothing but its arguments.
pub(crate) fn simple(
    run: fn(&Args<'_>) -> Result<arrow_array::ArrayRef, EvaluationError>,
) -> Result<Kernel, FunctionError> {
    Ok(Box::new(run))
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static ScalarFunction>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for function in all() {
        names.insert(function.name, function);
        for alias in function.aliases {
            names.insert(*alias, function);
        }
    }
    names
});

/// The function of this name or alias, in any case; None when it is not built in.
pub fn lookup(name: &str) -> Option<&'static ScalarFunction> {
    BY_NAME.get(name).or_else(|| BY_NAME.get(name.to_uppercase().as_str())).copied()
}

/// Every scalar function and operator, by family.
pub fn all() -> impl Iterator<Item = &'static ScalarFunction> {
    crate::scalar::TABLES.iter().flat_map(|table| table.iter())
}
