//! Which message a record is of: the message indexes between schema id and body.

use nutkin_types::{DataType, LogicalType};
use prost_reflect::MessageDescriptor;

use super::compile::compile;
use super::pool::{self, ProtoSchema};
use super::program::MessageOp;
use super::run;
use super::shape::{Roots, roots};
use super::wire::Reader;
use crate::columns::ColumnBuilder;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};
use crate::varint;

/// How records of one writer schema are read, by the index of their message in the file.
#[derive(Debug)]
pub(crate) struct Program {
    messages: Vec<Root>,
    /// The message of records that name none.
    bare: usize,
}

/// What is done with one message type.
#[derive(Debug)]
enum Root {
    /// Its fields are the columns.
    Columns(MessageOp),
    /// It is one of several and has a column of its own.
    Column(usize, MessageOp),
    /// It is one of several, and its column is not wanted.
    Unwanted,
    /// It is not a message of the table.
    Unknown(Box<str>),
}

/// The messages that records of `schema` can be of.
pub(super) fn messages(schema: &ProtoSchema) -> Vec<MessageDescriptor> {
    let own: Vec<MessageDescriptor> = schema.file.messages().collect();
    match (own.is_empty(), roots(schema)) {
        (true, Some(Roots::Single(_, message))) => vec![message],
        _ => own,
    }
}

impl Program {
    /// The program that reads records of `writer` as `target`, a (projected) type of `reader`.
    pub fn new(writer: &ProtoSchema, reader: &ProtoSchema, target: &DataType) -> Result<Program, FormatError> {
        let LogicalType::Row { fields } = &target.logical else {
            return Err(FormatError::mismatch("", format!("a Protobuf record is a ROW, not {target}")));
        };
        let written = messages(writer);
        let unknown = |message: &MessageDescriptor| {
            Root::Unknown(format!("message '{}' is no column of the table", message.name()).into())
        };
        let mut result = Vec::with_capacity(written.len());
        match roots(reader) {
            None => return Err(pool::invalid("", "it has no message")),
            Some(Roots::Single(_, known)) => {
                for message in &written {
                    let same = written.len() == 1 || message.name() == known.name();
                    result.push(if same {
                        Root::Columns(compile(writer, message, &known, fields)?)
                    } else {
                        unknown(message)
                    });
                }
            }
            Some(Roots::Several(known)) => {
                for field in fields.iter() {
                    if known.iter().all(|(_, message)| message.name() != field.name) {
                        return Err(FormatError::mismatch(&field.name, "the schema has no such message"));
                    }
                }
                for message in &written {
                    let table = known.iter().find(|(_, known)| known.name() == message.name());
                    let column = fields.iter().position(|field| field.name == message.name());
                    result.push(match (table, column.map(|index| (index, &fields[index].data_type.logical))) {
                        (Some((_, known)), Some((index, LogicalType::Row { fields: inner }))) => {
                            Root::Column(index, compile(writer, message, known, inner)?)
                        }
                        (Some(_), Some((index, other))) => {
                            let cause = format!("it is a message, which is a ROW, not {other}");
                            return Err(FormatError::mismatch(&fields[index].name, cause));
                        }
                        (Some(_), None) => Root::Unwanted,
                        (None, _) => unknown(message),
                    });
                }
            }
        }
        let bare = result.iter().position(|root| !matches!(root, Root::Unknown(_))).unwrap_or(0);
        Ok(Program { messages: result, bare })
    }

    /// Appends the record in `body`; its message indexes come first when it is `framed`.
    pub fn read(&self, body: &[u8], framed: bool, out: &mut ColumnBuilder) -> Outcome {
        let mut reader = Reader::new(body);
        let index = if framed { message_index(&mut reader)? } else { self.bare };
        let Some(root) = self.messages.get(index) else {
            return Err(Fault::new(0, format!("message index {index}, but the schema has {}", self.messages.len())));
        };
        let ColumnBuilder::Row(row) = out else {
            return Err(Fault::new(0, "the columns are no ROW"));
        };
        match root {
            Root::Columns(op) => run::run(op, &mut reader, row),
            Root::Column(index, op) => {
                let length = row.len();
                let Some(field) = row.fields.get_mut(*index) else {
                    return Err(Fault::new(0, "the column is not there"));
                };
                let ColumnBuilder::Row(inner) = &mut field.column else {
                    return Err(Fault::new(0, "the column is no ROW"));
                };
                run::run(op, &mut reader, inner).map_err(|fault| fault.within(&field.name))?;
                for field in &mut row.fields {
                    if field.column.len() == length {
                        field.column.append_null();
                    }
                }
                row.close();
                Ok(())
            }
            Root::Unwanted => {
                run::skip(&mut reader)?;
                row.append_null();
                Ok(())
            }
            Root::Unknown(cause) => Err(Fault::new(0, &**cause)),
        }
    }
}

/// A zigzag count and as many zigzag indexes; the count 0 stands for the first message.
fn message_index(reader: &mut Reader<'_>) -> Outcome<usize> {
    let count = varint::from_zigzag(reader.varint()?);
    match count {
        0 => Ok(0),
        1 => {
            let index = varint::from_zigzag(reader.varint()?);
            usize::try_from(index).map_err(|_| reader.fault(format!("message index {index}")))
        }
        _ => Err(reader.fault(format!(
            "the record is of a message nested {count} levels deep, but records are of top-level messages"
        ))),
    }
}

/// The indexes of a top-level message.
pub(crate) fn write_index(index: usize, out: &mut Vec<u8>) {
    if index == 0 {
        out.push(0);
        return;
    }
    varint::write(varint::to_zigzag(1), out);
    varint::write(varint::to_zigzag(index as i64), out);
}
