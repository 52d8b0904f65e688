//! What the service tells of itself: traces, logs, signals, and what `comptoir doctor` makes of it.

mod doctor;
mod logs;
mod signals;
mod traces;
