//! What a partner gave for a postal order: its own name for it, and the waybill.
//!
//! Some interfaces answer an order with an identifier of their own, and want it back when the order is cancelled; some
//! answer with the waybill, and some have to be told which waybill to use. It belongs to our order number and stays with
//! it: a receipt is kept in the commit that settles the attempt which brought it.

/// What is known of an order at the partner beside our number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The partner's own identifier of the order; it names no person.
    pub reference: Option<String>,
    /// The waybill (mã vận đơn).
    pub waybill: Option<String>,
}

impl Receipt {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.reference.is_none() && self.waybill.is_none()
    }
}
