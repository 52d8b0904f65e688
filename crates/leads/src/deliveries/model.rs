//! What a delivery is.

platform::lifecycle! {
    /// Where a delivery stands (spec 4.2).
    pub enum DeliveryStatus: "delivery" {
        /// Waits for the daily run or a person.
        PendingCsv = "pending_csv" => [ReadyToSend, Sending, Failed, Cancelled],
        /// Its file is prepared; a person sends it.
        ReadyToSend = "ready_to_send" => [Sending, Failed, Cancelled],
        /// On its way; held by a lease.
        Sending = "sending" => [Sent, Failed],
        /// The buyer's server accepted it. Final: what follows is the outcome.
        Sent = "sent" => [],
        /// Not sent; keeps its place in the quota and can be retried.
        Failed = "failed" => [PendingCsv, Sending, Cancelled],
        /// Given up before it was sent. Final.
        Cancelled = "cancelled" => [],
    }
    born: [PendingCsv]
}

platform::lifecycle! {
    /// What became of a sent delivery (spec 4.3).
    pub enum DeliveryOutcome: "delivery_outcome" {
        /// Counts.
        Accepted = "accepted" => [Rejected, Removed],
        /// The buyer returned it.
        Rejected = "rejected" => [],
        /// We withdrew it.
        Removed = "removed" => [],
    }
    born: [Accepted]
}
