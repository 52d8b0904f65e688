//! What a lead is.

platform::lifecycle! {
    /// Where a lead stands (spec 4.1).
    pub enum LeadStatus: "lead" {
        /// Valid, waits for routing; also after a return.
        New = "new" => [Routed, Duplicate, NoOpenOrders, HoldSource, Invalid, Lb, ReplacedByLb, ReservedForReplacement],
        /// Assigned; its delivery is open.
        Routed = "routed" => [Livre, New],
        /// Delivered: a delivery of it is sent.
        Livre = "livre" => [New, Routed],
        /// Every buyer with a matching open order had this person within 30 days.
        Duplicate = "duplicate" => [New, NoOpenOrders, HoldSource, Invalid],
        /// Nothing can take it now.
        NoOpenOrders = "no_open_orders" => [New, Routed, Duplicate, HoldSource, Invalid, Lb, ReservedForReplacement],
        /// Its source is blocked, or consent is missing.
        HoldSource = "hold_source" => [New, Routed, Duplicate, NoOpenOrders, PendingConfig, Invalid],
        /// Entity or product is not known yet.
        PendingConfig = "pending_config" => [New, Routed, Duplicate, NoOpenOrders, HoldSource, Invalid],
        /// Phone, name or département is missing or invalid.
        Invalid = "invalid" => [New, NoOpenOrders, HoldSource],
        /// Aged stock.
        Lb = "lb" => [Routed, ReservedForReplacement, New, NoOpenOrders, HoldSource, Invalid],
        /// Aged stock about to replace a suspicious lead.
        ReservedForReplacement = "reserved_for_replacement" => [Routed, Lb],
        /// A suspicious lead whose place an aged one took.
        ReplacedByLb = "replaced_by_lb" => [],
    }
    born: [New, Routed, Duplicate, NoOpenOrders, HoldSource, PendingConfig, Invalid, ReplacedByLb]
}
