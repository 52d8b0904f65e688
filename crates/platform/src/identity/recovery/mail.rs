//! The job that makes a link and mails it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::store;
use crate::identity::token_hash;
use crate::identity::users::model::Member;
use crate::identity::users::store::get_member;
use crate::mail::{self, Message, Outcome, Route};
use crate::{Ctx, Error, Job, JobRun, Registry, Result};

/// Registers the job.
pub(in crate::identity) fn register(registry: &mut Registry) {
    registry.job(run);
}

/// Mails a link to a user who forgot his password.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MailLink {
    /// The user.
    pub(super) user_id: UserId,
    /// When he asked.
    pub(super) asked_at: Timestamp,
}

impl Job for MailLink {
    const KIND: &'static str = "identity.mail_password_link";
    const MAX_ATTEMPTS: i32 = 3;
}

/// Runs the job. The token is made here: it stands in the mail and nowhere else. What a lost worker may have sent is not sent
/// again, nor what was asked for too long ago: who still needs it asks again.
async fn run(ctx: Ctx, run: JobRun, job: MailLink) -> Result<Value> {
    if run.was_lost || ctx.now().since(job.asked_at) > store::LIFE {
        return Ok(json!({ "outcome": "given up" }));
    }
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let mut tx = ctx.begin().await?;
    let member = get_member(&mut tx, job.user_id).await?;
    if !member.is_active {
        return Ok(json!({ "outcome": "no longer a member" }));
    }
    store::end_resets(&mut tx, job.user_id).await?;
    store::insert_reset(&mut tx, job.user_id, &token_hash(&token)).await?;
    let message = message(&ctx, member, &token);
    let mail_id = mail::enqueue(&mut tx, &message).await?;
    tx.commit().await?;
    match mail::dispatch(&ctx, mail_id, &message).await? {
        Outcome::Accepted { .. } => Ok(json!({ "outcome": "accepted" })),
        Outcome::Unknown(_) => Ok(json!({ "outcome": "unknown" })),
        Outcome::Refused(why) => Err(Error::refused("mail_refused", why)),
    }
}

fn message(ctx: &Ctx, member: Member, token: &str) -> Message {
    let link = format!("{}/reset-password#token={token}", ctx.platform().options().public_url);
    Message {
        entity: member.entity_id,
        route: Route::Operator,
        copies: Vec::new(),
        sender_name: None,
        reply_to: None,
        html: None,
        subject: "Votre nouveau mot de passe / Your new password".to_owned(),
        text: text(&member.name, member.email.as_str(), &link),
        recipients: vec![member.email],
        attachments: Vec::new(),
        subject_kind: "user",
        subject_id: member.user_id.uuid(),
    }
}

fn text(name: &str, email: &str, link: &str) -> String {
    format!(
        "Bonjour {name},\r\n\r\n\
         Un nouveau mot de passe a été demandé pour {email}. Choisissez-le ici dans l'heure ; le lien ne sert qu'une fois :\r\n\r\n\
         {link}\r\n\r\n\
         Si vous n'avez rien demandé, ignorez ce message : rien n'a changé.\r\n\r\n\
         ----\r\n\r\n\
         Hello {name},\r\n\r\n\
         A new password was asked for {email}. Choose it here within the hour; the link works once:\r\n\r\n\
         {link}\r\n\r\n\
         If you did not ask for it, ignore this message: nothing has changed.\r\n"
    )
}
