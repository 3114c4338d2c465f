//! [`Projection`]: which parts of a record become columns.
//!
//! The wanted columns are folded into one ROW type that holds only them. A decoder fills that row, and each column is then
//! taken out of it, so decoders know nothing of paths. A column below a nullable ROW is NULL where the ROW is.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_schema::ArrowError;
use nutkin_types::{DataType, LogicalType, RowField};

use crate::columns::ColumnBuilder;
use crate::error::FormatError;

/// A column to decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedColumn {
    /// Names from the record's top level down to the field. Empty for the whole value, which is how an atomic schema
    /// (`"int"`) and raw are read.
    pub path: Vec<String>,
    /// Type of the column. A ROW may leave out fields of the schema: they are skipped.
    pub data_type: DataType,
}

impl DecodedColumn {
    /// A top-level field.
    pub fn field(name: impl Into<String>, data_type: DataType) -> DecodedColumn {
        DecodedColumn { path: vec![name.into()], data_type }
    }

    /// The whole value.
    pub fn whole(data_type: DataType) -> DecodedColumn {
        DecodedColumn { path: Vec::new(), data_type }
    }
}

/// The type to decode and where each column is in it.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    pub root: DataType,
    outputs: Vec<Vec<usize>>,
    /// False when the root is the row that this projection made up.
    whole: bool,
}

#[derive(Debug, Default)]
struct Node {
    name: String,
    leaf: Option<DataType>,
    children: Vec<Node>,
}

impl Projection {
    pub fn new(columns: &[DecodedColumn]) -> Result<Projection, FormatError> {
        if let Some(column) = columns.iter().find(|column| column.path.is_empty()) {
            if columns.iter().any(|other| other != column) {
                return Err(FormatError::mismatch("", "the whole value cannot be read beside single fields of it"));
            }
            let outputs = vec![Vec::new(); columns.len()];
            return Ok(Projection { root: column.data_type.clone(), outputs, whole: true });
        }
        let mut root = Node::default();
        let mut outputs = Vec::with_capacity(columns.len());
        for column in columns {
            outputs.push(insert(&mut root, column)?);
        }
        Ok(Projection { root: row_of(&root).nullable(), outputs, whole: false })
    }

    /// The columns, out of the builder of the root type; the builder is empty afterwards.
    pub fn finish(&self, builder: &mut ColumnBuilder) -> Result<Vec<ArrayRef>, ArrowError> {
        if self.whole {
            let array = builder.finish(&self.root.logical)?;
            return Ok(vec![array; self.outputs.len()]);
        }
        let ColumnBuilder::Row(row) = builder else { return Ok(Vec::new()) };
        let fields = row.finish_fields()?;
        row.reset();
        self.outputs.iter().map(|path| descend(&fields, path)).collect()
    }
}

fn insert(root: &mut Node, column: &DecodedColumn) -> Result<Vec<usize>, FormatError> {
    let mut node = root;
    let mut indices = Vec::with_capacity(column.path.len());
    for (depth, name) in column.path.iter().enumerate() {
        let whole_row = node.leaf.as_ref().map(|leaf| match &leaf.logical {
            LogicalType::Row { fields } => fields.iter().position(|field| field.name == *name),
            _ => None,
        });
        match whole_row {
            // The enclosing row is a column itself: take the rest out of it.
            Some(position) => {
                let found = position.and_then(|position| {
                    indices.push(position);
                    locate(node.leaf.as_ref(), position, &column.path[depth + 1..], &mut indices)
                });
                return match found {
                    Some(found) if found == column.data_type => Ok(indices),
                    _ => Err(conflict(column)),
                };
            }
            None => {
                let position = node.children.iter().position(|child| child.name == *name).unwrap_or_else(|| {
                    node.children.push(Node { name: name.clone(), ..Node::default() });
                    node.children.len() - 1
                });
                indices.push(position);
                node = &mut node.children[position];
            }
        }
    }
    match &node.leaf {
        Some(leaf) if *leaf != column.data_type => Err(conflict(column)),
        _ if !node.children.is_empty() => {
            Err(FormatError::mismatch(column.path.join("."), "a ROW column must come before the columns of its fields"))
        }
        _ => {
            node.leaf = Some(column.data_type.clone());
            Ok(indices)
        }
    }
}

fn locate(row: Option<&DataType>, position: usize, rest: &[String], indices: &mut Vec<usize>) -> Option<DataType> {
    let LogicalType::Row { fields } = &row?.logical else { return None };
    let field = fields.get(position)?;
    let Some((name, rest)) = rest.split_first() else { return Some(field.data_type.clone()) };
    let LogicalType::Row { fields: inner } = &field.data_type.logical else { return None };
    let next = inner.iter().position(|field| field.name == *name)?;
    indices.push(next);
    locate(Some(&field.data_type), next, rest, indices)
}

fn conflict(column: &DecodedColumn) -> FormatError {
    let cause = format!("it is also read with another type than {}", column.data_type);
    FormatError::mismatch(column.path.join("."), cause)
}

fn row_of(node: &Node) -> LogicalType {
    let fields: Arc<[RowField]> = node
        .children
        .iter()
        .map(|child| {
            let data_type = child.leaf.clone().unwrap_or_else(|| row_of(child).nullable());
            RowField::new(child.name.clone(), data_type)
        })
        .collect();
    LogicalType::Row { fields }
}

fn descend(fields: &[ArrayRef], path: &[usize]) -> Result<ArrayRef, ArrowError> {
    let outside = || ArrowError::SchemaError("a column outside the decoded row".to_owned());
    let (first, rest) = path.split_first().ok_or_else(outside)?;
    let array = fields.get(*first).ok_or_else(outside)?;
    if rest.is_empty() {
        return Ok(array.clone());
    }
    let row = array.as_struct_opt().ok_or_else(outside)?;
    descend(row.columns(), rest)
}
