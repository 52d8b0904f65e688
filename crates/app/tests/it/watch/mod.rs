//! The self-audit runs and is kept, and alerts tell of what is wrong, once.

mod alerts;
mod findings;
mod planted;
mod pure;
mod radius;
mod texts;
