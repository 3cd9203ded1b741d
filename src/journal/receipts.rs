//! Receipts of postal orders: kept with the settlement that brought them, given along with every handoff of the order.

use super::{Error, rows::HandoffRow, waybills};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, OrderNumber};
use lienthong_core::receipt::Receipt;
use rusqlite::{Connection, OptionalExtension, params};

/// Keeps what a partner gave for an order. What an earlier answer gave stands: a later one adds to it.
pub(super) fn keep(
    tx: &Connection,
    account: &AccountName,
    number: &OrderNumber,
    receipt: &Receipt,
) -> Result<(), Error> {
    if receipt.is_empty() {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO receipt (number, account, reference, waybill) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (number) DO UPDATE SET reference = coalesce(reference, excluded.reference),
             waybill = coalesce(waybill, excluded.waybill)",
    )?
    .execute(params![number.as_str(), account.as_str(), receipt.reference, receipt.waybill])?;
    Ok(())
}

/// What is known of the order that a handoff makes or cancels; empty for all others. A waybill of the pool is the order's
/// whatever anybody answered.
pub(super) fn of(tx: &Connection, row: &HandoffRow) -> Result<Receipt, Error> {
    let (Some(number), Partner::Post) = (&row.number, row.kind.partner()) else {
        return Ok(Receipt::default());
    };
    let given = tx
        .prepare_cached("SELECT reference, waybill FROM receipt WHERE number = ?1")?
        .query_row([number.as_str()], |row| Ok(Receipt { reference: row.get(0)?, waybill: row.get(1)? }))
        .optional()?
        .unwrap_or_default();
    let pooled = waybills::bound(tx, &row.account, number)?;
    Ok(Receipt { waybill: pooled.or(given.waybill), ..given })
}
