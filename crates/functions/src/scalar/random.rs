//! RAND, RAND_INTEGER, UUID: a new value per row, or with a seed the sequence of Java's `Random`.

use std::sync::Arc;

use arrow_array::ArrayRef;
use nutkin_types::{DataType, LogicalType as T};

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Determinism, Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "RAND",
        Family::Arithmetic,
        "RAND([seed])",
        "A number from 0 up to 1.",
        |of, args| random(of, args, &[Param::Int], 1, T::Double),
        |_| simple(rand),
    )
    .determinism(Determinism::NonDeterministic),
    ScalarFunction::new(
        "RAND_INTEGER",
        Family::Arithmetic,
        "RAND_INTEGER([seed,] bound)",
        "An integer from 0 up to the bound.",
        |of, args| random(of, args, &[Param::Int, Param::Int], 1, T::Int),
        |_| simple(rand_integer),
    )
    .determinism(Determinism::NonDeterministic),
    ScalarFunction::new(
        "UUID",
        Family::String,
        "UUID()",
        "A random UUID.",
        |of, args| random(of, args, &[], 0, T::Char { length: 36 }),
        |_| simple(random_uuid),
    )
    .determinism(Determinism::NonDeterministic),
];

fn random(
    of: Of,
    args: &[Argument<'_>],
    params: &[Param],
    optional: usize,
    result: T,
) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, params, optional)?;
    Ok(Inferred { arg_types, result: DataType::new(result, any_nullable(args)) })
}

/// The linear congruential generator of `java.util.Random`.
struct JavaRandom(i64);

const MASK: i64 = (1 << 48) - 1;

impl JavaRandom {
    fn new(seed: i64) -> JavaRandom {
        JavaRandom((seed ^ 0x5_DEEC_E66D) & MASK)
    }

    fn seeded_by_system() -> Result<JavaRandom, EvaluationError> {
        let seed =
            getrandom::u64().map_err(|error| EvaluationError::Internal(format!("no random numbers: {error}")))?;
        Ok(JavaRandom::new(seed as i64))
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & MASK;
        (self.0 >> (48 - bits)) as i32
    }

    fn double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        (high + i64::from(self.next(27))) as f64 / (1i64 << 53) as f64
    }

    /// 0 up to `bound`, which is positive.
    fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }
}

/// One generator per batch for the seed it was made with; another seed starts another one.
struct Generators {
    current: Option<(i32, JavaRandom)>,
}

impl Generators {
    fn of(&mut self, seed: i32) -> &mut JavaRandom {
        if self.current.as_ref().is_none_or(|(known, _)| *known != seed) {
            self.current = None;
        }
        &mut self.current.get_or_insert_with(|| (seed, JavaRandom::new(i64::from(seed)))).1
    }
}

fn random_uuid(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let mut buffer = uuid::Uuid::encode_buffer();
    args.build_texts(|_, out| {
        out.push_str(uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer));
        Ok(Some(()))
    })
}

fn rand(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    if args.is_empty() {
        let mut random = JavaRandom::seeded_by_system()?;
        return Ok(Arc::new(args.build_numbers::<arrow_array::types::Float64Type>(|_| Ok(Some(random.double())))?));
    }
    let seeds = args.ints(0)?;
    let mut generators = Generators { current: None };
    Ok(Arc::new(args.build_numbers::<arrow_array::types::Float64Type>(|row| {
        Ok(seeds.get(row).map(|seed| generators.of(seed).double()))
    })?))
}

fn rand_integer(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let bounds = args.ints(args.len() - 1)?;
    let seeds = if args.len() > 1 { Some(args.ints(0)?) } else { None };
    let mut system = JavaRandom::seeded_by_system()?;
    let mut generators = Generators { current: None };
    Ok(Arc::new(args.build_numbers::<arrow_array::types::Int32Type>(|row| {
        let Some(bound) = bounds.get(row) else { return Ok(None) };
        if bound <= 0 {
            let reason = "the bound must be positive".to_owned();
            return Err(EvaluationError::InvalidArgument {
                function: "RAND_INTEGER",
                value: bound.to_string(),
                reason,
            });
        }
        match &seeds {
            None => Ok(Some(system.below(bound))),
            Some(seeds) => Ok(seeds.get(row).map(|seed| generators.of(seed).below(bound))),
        }
    })?))
}
