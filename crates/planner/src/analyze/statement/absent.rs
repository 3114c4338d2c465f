//! Objects that this release does not have (spec D-12 to D-15): every statement about one names it and says what to do instead.

use nutkin_sql::Span;
use nutkin_sql::ast::ObjectKind;

use crate::error::PlannerError;

const REMEDIES: &[(ObjectKind, &str)] = &[
    (
        ObjectKind::Model,
        "Models are not called by queries in this release: call the model outside, write its results to a topic and join them. \
         The ML_ functions that SHOW FUNCTIONS lists need no model.",
    ),
    (
        ObjectKind::Connection,
        "Nothing that needs a connection (models, tools, external tables) is in this release: bring external data into a \
         topic, for example with Kafka Connect, and read the topic.",
    ),
    (ObjectKind::Agent, "Run the agent outside: let it read from a topic and write what it answers to another one."),
    (ObjectKind::Tool, "Tools are for agents, which are not in this release. Run the agent outside, on topics."),
    (
        ObjectKind::MaterializedTable,
        "Use CREATE TABLE ... AS SELECT: it makes the table and keeps it filled. For another query create another table, or \
         drop the table and create it again.",
    ),
    (
        ObjectKind::Catalog,
        "A catalog is an environment: SHOW CATALOGS lists them with their ids, the CLI describes them.",
    ),
    (
        ObjectKind::Database,
        "A database is a Kafka cluster: SHOW DATABASES lists them with their ids, the CLI describes them.",
    ),
    (ObjectKind::Function, "DESCRIBE FUNCTION EXTENDED shows what is known of a function."),
];

/// `what` is the statement's leading words, such as `DROP MODEL`.
pub(super) fn absent(what: impl std::fmt::Display, kind: ObjectKind, span: Span) -> PlannerError {
    let error = PlannerError::not_built(what).at(span);
    match REMEDIES.iter().find(|(known, _)| *known == kind) {
        Some((_, remedy)) => error.with_remedy(*remedy),
        None => error,
    }
}
