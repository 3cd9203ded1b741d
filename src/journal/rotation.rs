//! What a replaced credential changes in the journal.

use super::{Error, Journal, accounts};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::gateway;

impl Journal {
    /// Ends the block of an account whose credential was replaced. What no credential cures stays: a storm waits for
    /// somebody who has looked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn credential_replaced(&self, account: &AccountName) -> Result<(), Error> {
        let account = account.clone();
        self.writer
            .write(move |tx| {
                let blocked = accounts::account(tx, &account)?.blocked;
                if blocked.is_some_and(|code| code.as_str() != gateway::STORM) {
                    accounts::unblock(tx, &account)?;
                    tracing::info!(account = %account, "an account is no longer blocked: its secret was replaced");
                }
                Ok(())
            })
            .await?;
        self.wake.notify_one();
        Ok(())
    }
}
