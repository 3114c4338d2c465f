//! RAND, RAND_INTEGER, UUID: a new value per row, or with a seed the sequence of Java's `Random`.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::ArrayRef;
use arrow_array::types::{Float64Type, Int32Type};
use nutkin_types::{DataType, LogicalType as T, Value};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Determinism, Family, Kernel, ScalarFunction, Site, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "RAND",
        Family::Arithmetic,
        "RAND([seed])",
        "A number from 0 up to 1.",
        |of, args| random(of, args, &[Param::Int], 1, T::Double),
        rand,
    )
    .refuses_untyped_null()
    .determinism(Determinism::NonDeterministic),
    ScalarFunction::new(
        "RAND_INTEGER",
        Family::Arithmetic,
        "RAND_INTEGER([seed,] bound)",
        "An integer from 0 up to the bound.",
        |of, args| random(of, args, &[Param::Int, Param::Int], 1, T::Int),
        rand_integer,
    )
    .refuses_untyped_null()
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

/// Where the numbers of a call come from.
enum Source {
    /// No seed, or a literal one: one sequence for the life of the expression.
    Sequence(Mutex<JavaRandom>),
    /// A seed per row: each row gets the first number of its own sequence, as in Flink.
    PerRow,
}

impl Source {
    /// Of a call whose first argument is the seed if there is `seeded`.
    fn new(site: &Site<'_>, seeded: bool) -> Result<Source, FunctionError> {
        if !seeded {
            return Ok(Source::Sequence(Mutex::new(JavaRandom::seeded_by_system()?)));
        }
        Ok(match site.literals.first() {
            Some(Some(Value::Integer(seed))) => Source::Sequence(Mutex::new(JavaRandom::new(*seed))),
            _ => Source::PerRow,
        })
    }

    /// Calls `run` with a function that gives the generator's next number for a row; None where the seed is NULL.
    fn draw<N, R>(
        &self,
        args: &Args<'_>,
        next: impl Fn(&mut JavaRandom, usize) -> N,
        run: impl FnOnce(&mut dyn FnMut(usize) -> Option<N>) -> Result<R, EvaluationError>,
    ) -> Result<R, EvaluationError> {
        match self {
            Source::Sequence(random) => {
                let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
                run(&mut |row| Some(next(&mut random, row)))
            }
            Source::PerRow => {
                let seeds = args.ints(0)?;
                run(&mut |row| seeds.get(row).map(|seed| next(&mut JavaRandom::new(seed.into()), row)))
            }
        }
    }
}

fn random_uuid(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let mut buffer = uuid::Uuid::encode_buffer();
    args.build_texts(|_, out| {
        out.push_str(uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer));
        Ok(Some(()))
    })
}

fn rand(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let source = Source::new(site, !site.args.is_empty())?;
    Ok(Box::new(move |args| {
        source.draw(
            args,
            |random, _| random.double(),
            |draw| Ok(Arc::new(args.build_numbers::<Float64Type>(|row| Ok(draw(row)))?) as ArrayRef),
        )
    }))
}

fn rand_integer(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let source = Source::new(site, site.args.len() > 1)?;
    Ok(Box::new(move |args| {
        let bounds = args.ints(args.len() - 1)?;
        let next = |random: &mut JavaRandom, row| bounds.get(row).map(|bound| below(random, bound)).transpose();
        source.draw(args, next, |draw| {
            Ok(Arc::new(args.build_numbers::<Int32Type>(|row| draw(row).transpose().map(Option::flatten))?) as ArrayRef)
        })
    }))
}

fn below(random: &mut JavaRandom, bound: i32) -> Result<i32, EvaluationError> {
    if bound > 0 {
        return Ok(random.below(bound));
    }
    let reason = "the bound must be positive".to_owned();
    Err(EvaluationError::InvalidArgument { function: "RAND_INTEGER", value: bound.to_string(), reason })
}
