//! Changes of a thing: read from a command, told by an event.

pub(crate) use platform::changes::{changes, given};
