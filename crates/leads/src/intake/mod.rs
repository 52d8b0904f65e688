//! Intake: from a payload on the public edge to a stored, routed lead.
