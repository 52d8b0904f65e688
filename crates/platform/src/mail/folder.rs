//! Mail without a server: one `.eml` file each, which the operator can open.

use std::path::Path;

use kernel::{MailId, Timestamp};
use tokio::io::AsyncWriteExt as _;

use super::Delivered;

/// Writes the mail; it is there wholly or not at all.
pub(super) async fn deliver(folder: &Path, now: Timestamp, id: MailId, bytes: &[u8]) -> Delivered {
    match write(folder, now, id, bytes).await {
        Ok(file) => Delivered::Accepted(format!("written to {file}")),
        Err(error) => Delivered::Refused { why: format!("the mail could not be written: {error}"), by_server: false },
    }
}

async fn write(folder: &Path, now: Timestamp, id: MailId, bytes: &[u8]) -> std::io::Result<String> {
    tokio::fs::create_dir_all(folder).await?;
    let name = format!("{}-{id}.eml", now.jiff().strftime("%Y%m%d-%H%M%S"));
    let draft = folder.join(format!(".{name}"));
    let mut file = tokio::fs::File::create(&draft).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(&draft, folder.join(&name)).await?;
    Ok(name)
}
