//! Lifecycles: the allowed states and moves of a thing, declared once here and enforced again by the database.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::{Error, error::Kind};

/// A lifecycle's states and edges as data, for docs, screens and the test that compares them with the database.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle {
    /// The name, as in `platform.lifecycle_edge`.
    pub name: &'static str,
    /// The states, in the order of their declaration.
    pub states: &'static [&'static str],
    /// Allowed moves; an empty origin means "may be born in".
    pub edges: &'static [(&'static str, &'static str)],
}

inventory::collect!(Lifecycle);

impl Lifecycle {
    /// Every lifecycle of the modules that are linked in, by name.
    pub fn all() -> Vec<&'static Self> {
        let by_name: BTreeMap<_, _> = inventory::iter::<Self>().map(|lifecycle| (lifecycle.name, lifecycle)).collect();
        by_name.into_values().collect()
    }

    /// The states that `from` may move to.
    pub fn allowed(&self, from: &str) -> Vec<&'static str> {
        self.edges.iter().filter(|(origin, _)| *origin == from).map(|(_, to)| *to).collect()
    }

    /// A Mermaid state diagram.
    pub fn mermaid(&self) -> String {
        let end = |state: &str| if state.is_empty() { "[*]".to_owned() } else { state.to_owned() };
        let mut text = format!("stateDiagram-v2\n    %% {}\n", self.name);
        for (from, to) in self.edges {
            writeln!(text, "    {} --> {}", end(from), end(to)).expect("writing to a string cannot fail");
        }
        text
    }
}

/// A move that the lifecycle does not allow: names from, to and the allowed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct IllegalMove {
    /// The lifecycle.
    pub lifecycle: &'static str,
    /// The state it is in.
    pub from: &'static str,
    /// The state that was asked for.
    pub to: &'static str,
    /// The states it may move to.
    pub allowed: Vec<&'static str>,
}

impl fmt::Display for IllegalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lifecycle, from, to, allowed } = self;
        if allowed.is_empty() {
            return write!(f, "A {lifecycle} cannot move from {from} to {to}: {from} is final.");
        }
        write!(f, "A {lifecycle} cannot move from {from} to {to}; allowed: {}.", allowed.join(", "))
    }
}

impl From<IllegalMove> for Error {
    fn from(illegal: IllegalMove) -> Self {
        Self::new(Kind::Refused, format!("{}_lifecycle", illegal.lifecycle), illegal.to_string())
            .with_field("status", format!("{} -> {} is not allowed", illegal.from, illegal.to))
    }
}

/// Declares a lifecycle: an enum of states, its edges, the words on the wire and in the database.
///
/// ```
/// platform::lifecycle! {
///     /// Where a parcel stands.
///     pub enum ParcelState: "parcel" {
///         /// On its way.
///         Sent = "sent" => [Received],
///         /// With the person it was for.
///         Received = "received" => [],
///     }
///     born: [Sent]
/// }
///
/// assert!(ParcelState::Sent.move_to(ParcelState::Received).is_ok());
/// let refused = ParcelState::Received.move_to(ParcelState::Sent).unwrap_err();
/// assert_eq!(refused.to_string(), "A parcel cannot move from received to sent: received is final.");
/// ```
#[macro_export]
macro_rules! lifecycle {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $label:literal {
            $($(#[$doc:meta])* $state:ident = $word:tt => [$($to:ident),* $(,)?]),+ $(,)?
        }
        born: [$($born:ident),+ $(,)?]
    ) => {
        $crate::words! {
            $(#[$meta])*
            $name { $($(#[$doc])* $state = $word),+ }
        }

        impl $name {
            /// The lifecycle as data.
            pub const LIFECYCLE: $crate::Lifecycle = $crate::Lifecycle {
                name: $label,
                states: &[$($word),+],
                edges: {
                    const EDGES: &[(&str, &str)] = &[
                        $(("", $name::$born.as_str()),)+
                        $($(($word, $name::$to.as_str()),)*)+
                    ];
                    EDGES
                },
            };

            /// `to`, if the lifecycle allows the move.
            pub fn move_to(self, to: Self) -> Result<Self, $crate::IllegalMove> {
                let (from, to_word) = (self.as_str(), to.as_str());
                if Self::LIFECYCLE.edges.contains(&(from, to_word)) {
                    return Ok(to);
                }
                let allowed = Self::LIFECYCLE.allowed(from);
                Err($crate::IllegalMove { lifecycle: $label, from, to: to_word, allowed })
            }
        }

        $crate::inventory::submit! { $name::LIFECYCLE }
    };
}
