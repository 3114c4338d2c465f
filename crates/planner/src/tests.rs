mod consistency;
mod support;

mod acceptance;
mod ddl;
mod errors;
mod explain;
mod explain_joins;
mod expressions;
mod nexmark;
mod oracle;
mod plans;
mod rules;
mod scans;
mod session;
mod shapes;
mod snapshot_query;
mod warnings;
