//! How far the orders of a book are filled.

use kernel::OrderId;

use super::book::Book;
use crate::rules::ageing::Freshness;

/// What an order received in the current week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderUsage {
    /// Units routed, failed or delivered and neither rejected nor removed: what the quota counts.
    pub used: u32,
    /// Accepted units: what the aged-lead target counts.
    pub delivered: u32,
    /// Aged ones among them.
    pub lb_delivered: u32,
}

/// The mutable side of a [`Book`]: fill of the orders and prepaid units taken by decisions not yet written.
#[derive(Clone, Debug)]
pub struct Usage {
    orders: Vec<OrderUsage>,
    reserved: Vec<i64>,
}

impl Usage {
    /// The usage of the orders named; the others are empty. Orders unknown to the book are passed over.
    pub fn new(book: &Book, orders: impl IntoIterator<Item = (OrderId, OrderUsage)>) -> Self {
        let mut usage =
            Self { orders: vec![OrderUsage::default(); book.len()], reserved: vec![0; book.balances().len()] };
        for (id, order) in orders {
            usage.set(book, id, order);
        }
        usage
    }

    /// Replaces the usage of one order, as after reading it again under lock.
    pub fn set(&mut self, book: &Book, id: OrderId, order: OrderUsage) {
        if let Some(index) = book.index_of(id) {
            self.orders[index] = order;
        }
    }

    /// The usage of one order.
    pub fn get(&self, book: &Book, id: OrderId) -> OrderUsage {
        book.index_of(id).map_or_else(OrderUsage::default, |index| self.orders[index])
    }

    /// Counts a unit of an order, so that the next lead sees it. An order unknown to the book is passed over.
    pub fn count(&mut self, book: &Book, order: OrderId, freshness: Freshness) {
        let Some(index) = book.index_of(order) else { return };
        let usage = &mut self.orders[index];
        usage.used += 1;
        usage.delivered += 1;
        usage.lb_delivered += u32::from(freshness == Freshness::Lb);
        if let Some(balance) = book.slot(index).balance {
            self.reserved[balance] += 1;
        }
    }

    /// Gives a prepaid unit of an order's balance back, as when the delivery that holds it is left out of account.
    pub fn release(&mut self, book: &Book, order: OrderId) {
        if let Some(balance) = book.index_of(order).and_then(|index| book.slot(index).balance) {
            self.reserved[balance] -= 1;
        }
    }

    pub(super) fn at(&self, index: usize) -> OrderUsage {
        self.orders[index]
    }

    /// Prepaid units left of a balance.
    pub(super) fn remaining(&self, book: &Book, balance: usize) -> i64 {
        book.balances()[balance] - self.reserved[balance]
    }
}
