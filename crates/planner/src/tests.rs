mod consistency;
mod support;

mod acceptance;
mod ddl;
mod errors;
mod explain;
mod expressions;
mod nexmark;
mod oracle;
mod rules;
mod scans;
mod session;
mod warnings;
