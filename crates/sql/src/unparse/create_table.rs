//! CREATE TABLE and what it shares with the other CREATE statements.

use super::{List, Quoted, optional, optional_list, word};
use crate::ast::{
    ColumnConstraint, ColumnDef, ColumnKind, ConstraintKind, CreateTable, Distribution, DistributionAlgorithm,
    LikeFeature, LikeOption, LikeStrategy, LikeTable, TableConstraint, TableSchema, Watermark,
};
use std::fmt::{self, Display, Formatter};

impl Display for CreateTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.or_replace, "OR REPLACE")?;
        word(f, self.temporary, "TEMPORARY")?;
        f.write_str("TABLE ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        write!(f, "{}{}", self.name, self.schema)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional(f, "", self.distribution.as_ref())?;
        optional_list(f, "PARTITIONED BY ", &self.partitioned_by)?;
        optional_list(f, "WITH ", &self.options)?;
        optional(f, "", self.like.as_ref())?;
        optional(f, "AS ", self.query.as_ref())
    }
}

impl Display for TableSchema {
    /// With a blank before the parenthesis; nothing when empty.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return Ok(());
        }
        let columns = self.columns.iter().map(ToString::to_string);
        let watermark = self.watermark.iter().map(ToString::to_string);
        let constraints = self.constraints.iter().map(ToString::to_string);
        let elements: Vec<String> = columns.chain(watermark).chain(constraints).collect();
        write!(f, " ({})", elements.join(", "))
    }
}

impl Display for ColumnDef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        match &self.kind {
            ColumnKind::Physical(data_type) => {
                write!(f, " {data_type}")?;
                optional(f, "", self.constraint.as_ref())?;
            }
            ColumnKind::Metadata { data_type, from, is_virtual } => {
                write!(f, " {data_type}")?;
                optional(f, "", self.constraint.as_ref())?;
                f.write_str(" METADATA")?;
                if let Some(key) = from {
                    write!(f, " FROM {}", Quoted(&key.value))?;
                }
                f.write_str(if *is_virtual { " VIRTUAL" } else { "" })?;
            }
            ColumnKind::Computed(expr) => write!(f, " AS {expr}")?,
            ColumnKind::Reference => {}
        }
        optional(f, "COMMENT ", self.comment.as_ref())
    }
}

impl Display for ConstraintKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::Unique => "UNIQUE",
        })
    }
}

fn enforcement(enforced: Option<bool>) -> &'static str {
    match enforced {
        Some(true) => " ENFORCED",
        Some(false) => " NOT ENFORCED",
        None => "",
    }
}

impl Display for ColumnConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "CONSTRAINT {name} ")?;
        }
        write!(f, "{}{}", self.kind, enforcement(self.enforced))
    }
}

impl Display for TableConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "CONSTRAINT {name} ")?;
        }
        let columns = List(&self.columns);
        write!(f, "{} ({columns}){}", self.kind, enforcement(self.enforced))
    }
}

impl Display for Watermark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "WATERMARK FOR {} AS {}", self.column, self.strategy)
    }
}

impl Display for Distribution {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "DISTRIBUTED{}", DistributionBody(self))
    }
}

/// A distribution without its first word.
pub(super) struct DistributionBody<'a>(pub(super) &'a Distribution);

impl Display for DistributionBody<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let distribution = self.0;
        if !distribution.columns.is_empty() {
            let algorithm = match distribution.algorithm {
                Some(DistributionAlgorithm::Hash) => "HASH",
                Some(DistributionAlgorithm::Range) => "RANGE",
                None => "",
            };
            write!(f, " BY {algorithm}({})", List(&distribution.columns))?;
        }
        match distribution.buckets {
            Some(buckets) => write!(f, " INTO {buckets} BUCKETS"),
            None => Ok(()),
        }
    }
}

impl Display for LikeTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "LIKE {}", self.source)?;
        if self.options.is_empty() {
            return Ok(());
        }
        let options: Vec<String> = self.options.iter().map(ToString::to_string).collect();
        write!(f, " ({})", options.join(" "))
    }
}

impl Display for LikeOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let strategy = match self.strategy {
            LikeStrategy::Including => "INCLUDING",
            LikeStrategy::Excluding => "EXCLUDING",
            LikeStrategy::Overwriting => "OVERWRITING",
        };
        let feature = match self.feature {
            LikeFeature::All => "ALL",
            LikeFeature::Constraints => "CONSTRAINTS",
            LikeFeature::Distribution => "DISTRIBUTION",
            LikeFeature::Generated => "GENERATED",
            LikeFeature::Metadata => "METADATA",
            LikeFeature::Options => "OPTIONS",
            LikeFeature::Partitions => "PARTITIONS",
            LikeFeature::Watermarks => "WATERMARKS",
        };
        write!(f, "{strategy} {feature}")
    }
}
