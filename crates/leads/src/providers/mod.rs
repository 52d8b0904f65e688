//! Providers: outside sources that push leads with a key.

pub mod http;
