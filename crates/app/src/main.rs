//! The command `comptoir`.

fn main() {}
