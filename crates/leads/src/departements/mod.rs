//! Départements: what was produced, sold and is still wanted in each. Figures are of all entities (spec Appendix A).

pub mod http;
pub mod model;
pub mod store;
