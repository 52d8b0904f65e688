//! Lead generation and distribution: from a consumer's request to a buyer's file.

pub mod rules;
