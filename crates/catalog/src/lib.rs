//! Environments, clusters, topics and schemas seen as catalogs, databases and tables; DDL carried out.
