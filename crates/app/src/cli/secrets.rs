//! `comptoir secrets`

use clap::{Args, Subcommand};

/// `comptoir secrets`
#[derive(Clone, Subcommand)]
pub enum SecretsCommand {
    /// List the keys with their age and what each seals
    List,
    /// Make a key for another ring and print its line; nothing is changed
    #[command(after_help = "Example:\n  COMPTOIR_SECRET_KEYS=\"$(comptoir secrets generate)\" comptoir serve")]
    Generate,
    /// Put a fresh key first in the ring and seal everything anew with it
    #[command(after_help = "Examples:\n  comptoir secrets rotate            a fresh key in the file of the ring\n  \
        comptoir secrets rotate --reseal   no fresh key: everything under the one that is first\n\n\
        Services that run take the fresh key within a minute. Killed at any moment, it goes on where it was when it is run \
        again.\n\nFor a ring in COMPTOIR_SECRET_KEYS it prints the line to put first there; run it with --reseal when every \
        instance has it.")]
    Rotate(SecretsRotate),
    /// Take the keys that seal nothing any more out of the ring
    #[command(after_help = "Example:\n  comptoir secrets rotate && sleep 300 && comptoir secrets prune\n\n\
        A backup of the database from before needs the keys of then: keep their ring with it.")]
    Prune,
    /// Give up what was sealed with keys that are lost, so that the service starts again; it cannot be undone
    #[command(after_help = "Example:\n  comptoir secrets forget --yes\n\n\
        Second factors are removed and set up again by their users; passwords of mail servers and keys of interfaces are \
        given again. What the ring opens stays.")]
    Forget(SecretsForget),
}

/// `comptoir secrets rotate`
#[derive(Clone, Args)]
pub struct SecretsRotate {
    /// Seal everything with the key that is first, and make none
    #[arg(long)]
    pub reseal: bool,
}

/// `comptoir secrets forget`
#[derive(Clone, Args)]
pub struct SecretsForget {
    /// Yes, give it up
    #[arg(long, required = true)]
    pub yes: bool,
}
