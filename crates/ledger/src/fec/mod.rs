//! The French *fichier des écritures comptables* (LPF art. A47 A-1; spec/field.md 5.9): writing one, and checking any.

pub mod export;
pub mod http;
pub mod store;
pub mod verify;
pub mod write;
