//! CREATE TABLE (D-01 to D-07).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{ColumnKind, CreateTable, LikeFeature, LikeOption, LikeStrategy, LikeTable, Query, Statement};

const FEATURES: [(&str, LikeFeature); 8] = [
    ("ALL", LikeFeature::All),
    ("CONSTRAINTS", LikeFeature::Constraints),
    ("DISTRIBUTION", LikeFeature::Distribution),
    ("GENERATED", LikeFeature::Generated),
    ("METADATA", LikeFeature::Metadata),
    ("OPTIONS", LikeFeature::Options),
    ("PARTITIONS", LikeFeature::Partitions),
    ("WATERMARKS", LikeFeature::Watermarks),
];

impl Parser<'_> {
    pub(super) fn create_table(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, true, false, true)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let schema = self.table_schema()?;
        let comment = self.comment()?;
        let distribution = self.distributed()?;
        let partitioned_by = self.partitioned_by()?;
        let options = self.with_options()?;
        let like = self.like_table()?;
        let query = if like.is_none() { self.as_query()? } else { None };
        let only_named = schema.columns.iter().find(|column| column.kind == ColumnKind::Reference);
        if let (Some(column), None) = (only_named, &query) {
            return self.invalid(column.span, format!("The column {} has no type.", column.name.value));
        }
        Ok(Statement::CreateTable(Box::new(CreateTable {
            or_replace: words.or_replace,
            temporary: words.temporary,
            if_not_exists,
            name,
            schema,
            comment,
            distribution,
            partitioned_by,
            options,
            like,
            query,
            span: self.since(words.start),
        })))
    }

    /// `AS query`, if it stands here.
    pub(super) fn as_query(&mut self) -> Parsed<Option<Box<Query>>> {
        if self.eat_kw("AS") { Ok(Some(Box::new(self.query()?))) } else { Ok(None) }
    }

    fn like_table(&mut self) -> Parsed<Option<LikeTable>> {
        let start = self.peek().span;
        if !self.eat_kw("LIKE") {
            return Ok(None);
        }
        let source = self.object_name()?;
        let mut options = Vec::new();
        if self.eat("(") {
            while !self.eat(")") {
                options.push(self.like_option()?);
            }
        }
        let span = self.since(start);
        Ok(Some(LikeTable { source, options, span }))
    }

    fn like_option(&mut self) -> Parsed<LikeOption> {
        let strategy = if self.eat_kw("INCLUDING") {
            LikeStrategy::Including
        } else if self.eat_kw("EXCLUDING") {
            LikeStrategy::Excluding
        } else {
            self.expect_kw("OVERWRITING")?;
            LikeStrategy::Overwriting
        };
        for (word, feature) in FEATURES {
            if self.eat_kw(word) {
                return Ok(LikeOption { strategy, feature });
            }
        }
        self.unexpected()
    }
}
