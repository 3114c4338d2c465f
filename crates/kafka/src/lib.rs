//! The Kafka client: fetch into record sets, produce, transactions that survive a restart, admin.
