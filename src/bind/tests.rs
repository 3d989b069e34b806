//! Queries that cannot run, and what queries that can become.
