//! The self-audit: every check run, what it found, and how that changed over time.

pub mod http;
pub mod jobs;
pub mod model;
pub mod ops;
pub mod radius;
pub mod report;
pub mod store;
