//! The schema: migrations and the check that the database is exactly what this binary was built with.
