//! Typed identifiers. All are UUID version 7, made by the service from the transaction's frozen time, so that they
//! sort by creation and time-partitioned tables can be cut by id.

use crate::Timestamp;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new id whose time part is `at`.
            pub fn generate(at: Timestamp) -> Self {
                Self(at.new_uuid())
            }

            /// Wraps an id that already exists.
            pub const fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

typed_ids! {
    /// An organisation using Comptoir: the isolation boundary.
    TenantId,
    /// A legal entity of a tenant.
    EntityId,
    /// Someone who signs in.
    UserId,
    /// A user's place in a tenant.
    MembershipId,
    /// A signed-in session.
    SessionId,
    /// A link that sets a new password.
    PasswordResetId,
    /// A machine credential.
    ApiKeyId,
    /// Something that happened.
    EventId,
    /// A unit of background work.
    JobId,
    /// One run of a scheduled job.
    RunId,
    /// One backup of the installation.
    BackupId,
    /// One proof that a backup can be restored.
    ProofId,
    /// An outgoing mail.
    MailId,
    /// The conditions of a list under a name.
    SavedViewId,
    /// Another system that is told what happens.
    WebhookId,
    /// One call to another system.
    WebhookAttemptId,
    /// A person or organisation known to a tenant.
    PartyId,
    /// A place where a party is, besides its billing address.
    PartyAddressId,
    /// Somebody to ask for at a party.
    PartyContactId,
    /// A free-text note on a party or a lead.
    NoteId,
    /// A product or service of the catalogue.
    ItemId,
    /// A buyer of leads: the id of its party.
    BuyerId,
    /// A buyer's weekly demand for leads.
    OrderId,
    /// An outside source that pushes leads with a key.
    ProviderId,
    /// One consumer request.
    LeadId,
    /// One lead assigned to one buyer.
    DeliveryId,
    /// The deliveries that one CSV file carries.
    BatchId,
    /// One attempt to send a batch.
    SendAttemptId,
    /// A payload that could not be used, kept with the reason.
    QuarantineId,
    /// A visitor's session on a landing page.
    VisitorSessionId,
    /// An account of an entity's chart.
    AccountId,
    /// A posted journal entry.
    EntryId,
    /// One line of a journal entry.
    EntryLineId,
    /// Lines of an account that settle each other.
    LetteringId,
    /// Dates that are closed for posting.
    PeriodLockId,
    /// A quote, an invoice, a credit note or another commercial document.
    DocumentId,
    /// One line of a document.
    DocumentLineId,
    /// Money that came in or went back.
    PaymentId,
    /// A supplier's invoice that came in as a file.
    IncomingInvoiceId,
    /// One step of asking for an overdue payment.
    ReminderId,
    /// An account at a bank.
    BankAccountId,
    /// An imported bank statement.
    StatementId,
    /// One movement on a bank account.
    BankLineId,
    /// What a buyer pays for a product from a date on.
    PricingId,
    /// Units that a buyer need not pay.
    CreditId,
    /// A buyer's week of one product under one order, to be invoiced.
    BillingRecordId,
    /// A unit that one entity owes another.
    TransferId,
    /// A run of the self-audit.
    AuditRunId,
    /// An alert.
    AlertId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_instant_sort_in_the_order_they_were_made() {
        let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let made: Vec<_> = (0..10_000).map(|_| EventId::generate(at)).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
        assert!(made.iter().all(|id| id.uuid() > at.first_uuid()));
        let before = EventId::generate(at.minus(jiff::SignedDuration::from_millis(1)));
        assert!(before < made[0], "time counts more than the order of making");
    }
}
