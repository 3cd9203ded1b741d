//! Pauses and maintenance that hold now, for whoever tells of their begin and end.

use super::{Error, Journal, millis, timestamp};
use jiff::Timestamp;
use std::sync::Arc;

/// What keeps a partner or an account from being called, by somebody's will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// `post`, `portal`, `commune`, or an account.
    pub scope: String,
    /// `operator` or `maintenance`.
    pub cause: &'static str,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

impl Journal {
    /// All pauses and windows that hold now. Pauses that have ended are forgotten.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn holds(&self, now: Timestamp) -> Result<Vec<Hold>, Error> {
        let around = Arc::clone(&self.around);
        let (holds, some_ended) = self
            .reader
            .read(move |tx| {
                let mut statement = tx.prepare_cached("SELECT scope, until FROM pause ORDER BY scope")?;
                let pauses = statement.query_map([], |row| {
                    let until = row.get::<_, Option<i64>>(1)?.map(timestamp);
                    Ok(Hold { scope: row.get(0)?, cause: "operator", until })
                })?;
                let pauses = pauses.collect::<Result<Vec<_>, _>>()?;
                let holds = |hold: &Hold| hold.until.is_none_or(|until| until > now);
                let (mut holds, ended): (Vec<_>, Vec<_>) = pauses.into_iter().partition(holds);
                holds.extend(around.maintenance.iter().filter_map(|window| {
                    let (_, until) = window.span.now(now)?;
                    Some(Hold { scope: window.scope.clone(), cause: "maintenance", until: Some(until) })
                }));
                Ok((holds, !ended.is_empty()))
            })
            .await?;
        if some_ended {
            let ended = "DELETE FROM pause WHERE until IS NOT NULL AND until <= ?1";
            self.writer.write(move |tx| Ok(tx.prepare_cached(ended)?.execute([millis(now)])?)).await?;
        }
        Ok(holds)
    }
}
