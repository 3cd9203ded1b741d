//! Calls that were claimed ahead and that nobody begins.

use super::life::{Broken, Carried, Flight, Life};
use super::steps::Commit;
use super::store::Store as _;
use super::twin::copy;

impl Life<'_> {
    /// A worker hands a call back for which no byte has left.
    pub(super) fn hand_back(&mut self, flight: Flight) -> Result<(), Broken> {
        let Carried::Claimed(call) = &flight.stage else { return Ok(()) };
        let call = copy(call);
        self.tally.count("handed back");
        self.tell(format!(
            "{} gets nothing: {} handoffs are handed back",
            flight.account,
            call.handoffs.len()
        ));
        let commit = self.commit();
        let handed_back = self.store.hand_back(&call);
        if matches!(commit, Commit::Refused | Commit::DiesBefore) {
            // The worker keeps it in its hands; a process that dies takes it along.
            self.flights.push(flight);
        }
        self.is_heard(commit, handed_back.is_ok(), "hand back").map(drop)
    }
}
