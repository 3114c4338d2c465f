//! Analysis, relational plan, optimizer rules, streaming plan, EXPLAIN and statement warnings.
