//! OBJECT_OF, OBJECT_UPDATE: values of STRUCTURED types. The class of such a type is a name: it need not be the one of a Java class.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::class_name;
use nutkin_types::{LogicalType as T, RowField, Value};

use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "OBJECT_OF",
        Family::Collection,
        "OBJECT_OF(class_name[, name, value, ...])",
        "A value of the STRUCTURED type of this class with these attributes. The class and the names are literals.",
        object_type,
        construct,
    )
    .examples(&[
        ("CAST(OBJECT_OF('com.example.User', 'name', 'Bob', 'age', 42) AS STRING)", "(name=Bob, age=42)"),
        ("OBJECT_OF('com.example.User', 'name', 'Bob').name", "Bob"),
    ]),
    ScalarFunction::new(
        "OBJECT_UPDATE",
        Family::Collection,
        "OBJECT_UPDATE(object[, name, value, ...])",
        "The object with other values of these attributes, which may have other types; NULL if it is NULL.",
        update_type,
        update,
    )
    .examples(&[(
        "CAST(OBJECT_UPDATE(OBJECT_OF('User', 'name', 'Bob', 'age', 42), 'age', 43) AS STRING)",
        "(name=Bob, age=43)",
    )]),
];

/// The names of the attributes that follow the first argument. `absent` is what a name must not be, in Flink's words.
fn names<'a>(of: Of, args: &[Argument<'a>], absent: &str) -> Result<Vec<&'a str>, SignatureError> {
    if args.len().is_multiple_of(2) {
        return Err(of.count(args.len()));
    }
    let mut names: Vec<&str> = Vec::with_capacity(args.len() / 2);
    for (place, arg) in args.iter().enumerate().skip(1).step_by(2) {
        let place = place + 1;
        if !matches!(arg.data_type.logical, T::Char { .. } | T::VarChar { .. } | T::Null) {
            let given = arg.data_type;
            return Err(of.reason(format!(
                "The field key at position {place} must be a {absent} character string, but was {given}"
            )));
        }
        let Some(Value::String(name)) = arg.literal else {
            let cause = format!("The field key at position {place} must be a {absent} character string literal");
            return Err(of.reason(cause));
        };
        if names.contains(&name.as_str()) {
            return Err(of.reason(format!("The field name '{name}' at position {place} is repeated")));
        }
        names.push(name);
    }
    match args.iter().skip(2).step_by(2).find(|value| value.data_type.logical == T::Null) {
        Some(_) => Err(of.reason("the type of an attribute is not known; CAST a NULL")),
        None => Ok(names),
    }
}

/// Every argument as it is.
fn as_given(args: &[Argument<'_>], result: T) -> Inferred {
    Inferred { arg_types: args.iter().map(|arg| arg.data_type.clone()).collect(), result: result.nullable() }
}

fn object_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [class, ..] = args else { return Err(of.count(0)) };
    if !class.data_type.logical.is_character_string() {
        let cause = "The first argument must be a non-nullable character string representing the class name";
        return Err(of.reason(format!("{cause}, but was {}", class.data_type)));
    }
    let Some(Value::String(class)) = class.literal else {
        let cause = "The first argument must be a non-nullable character string literal representing the class name";
        return Err(of.reason(cause));
    };
    class_name::check(class).map_err(|cause| of.reason(cause))?;
    let names = names(of, args, "non-nullable")?;
    let values = args.iter().skip(2).step_by(2);
    let fields = names.into_iter().zip(values).map(|(name, value)| RowField::new(name, value.data_type.clone()));
    Ok(as_given(args, T::Structured { class: class.as_str().into(), fields: fields.collect() }))
}

fn update_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [object, ..] = args else { return Err(of.count(0)) };
    let T::Structured { class, fields } = &object.data_type.logical else {
        return Err(of.reason(format!("The first argument must be a structured type, but was {}", object.data_type)));
    };
    let names = names(of, args, "non-null")?;
    let mut updated = fields.to_vec();
    for (index, name) in names.into_iter().enumerate() {
        let Some(field) = updated.iter_mut().find(|field| field.name == name) else {
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let (place, known) = (2 * index + 2, known.join(", "));
            return Err(of.reason(format!(
                "The field name '{name}' at position {place} is not part of the structured type attributes. Available \
                 attributes: [{known}]"
            )));
        };
        field.data_type = args[2 * index + 2].data_type.clone();
    }
    Ok(as_given(args, T::Structured { class: class.clone(), fields: updated.into() }))
}

fn broken() -> EvaluationError {
    EvaluationError::Internal("a value of a STRUCTURED type is no struct".to_owned())
}

fn construct(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::Struct(fields) = arrow_type(&site.result.logical) else { return Err(broken().into()) };
    Ok(Box::new(move |args| {
        if fields.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(args.rows, None)));
        }
        let values = (0..fields.len()).map(|i| args.expanded(2 * i + 2)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new(fields.clone(), values, None)?))
    }))
}

fn update(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let ArrowType::Struct(fields) = arrow_type(&site.result.logical) else { return Err(broken().into()) };
    // The argument that each attribute is taken from; None where it stays.
    let mut sources: Vec<Option<usize>> = vec![None; fields.len()];
    for name in (1..site.args.len()).step_by(2) {
        let text = site.text(name).unwrap_or_default();
        if let Some(place) = fields.iter().position(|field| *field.name() == text) {
            sources[place] = Some(name + 1);
        }
    }
    Ok(Box::new(move |args| {
        let object = args.expanded(0)?;
        let object = object.as_struct_opt().ok_or_else(broken)?;
        let nulls: Option<NullBuffer> = object.nulls().cloned();
        if fields.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(args.rows, nulls)));
        }
        let values = sources.iter().zip(object.columns()).map(|(source, old)| match source {
            Some(arg) => args.expanded(*arg),
            None => Ok(old.clone()),
        });
        Ok(Arc::new(StructArray::try_new(fields.clone(), values.collect::<Result<Vec<_>, _>>()?, nulls)?))
    }))
}
