//! Tracking: visitor sessions on landing pages.
