//! Acknowledgements in groups: up to the highest tag below which everything is done.

use std::collections::BTreeSet;

/// Messages in one acknowledgement.
const GROUP: u64 = 50;

/// What was done and not yet acknowledged. Tags count from 1.
#[derive(Default)]
pub(super) struct Acks {
    acknowledged: u64,
    /// Everything up to here is done.
    done: u64,
    /// Done beyond a gap.
    beyond: BTreeSet<u64>,
}

impl Acks {
    /// Notes a message as done; gives the tag to acknowledge when a group is full.
    pub(super) fn done(&mut self, tag: u64) -> Option<u64> {
        self.beyond.insert(tag);
        while self.beyond.first() == Some(&(self.done + 1)) {
            self.beyond.pop_first();
            self.done += 1;
        }
        if self.done - self.acknowledged >= GROUP { self.rest() } else { None }
    }

    /// The tag to acknowledge, group or not.
    pub(super) fn rest(&mut self) -> Option<u64> {
        let open = self.done > self.acknowledged;
        self.acknowledged = self.done;
        open.then_some(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_ends_before_the_first_message_that_is_not_done() {
        let mut acks = Acks::default();
        assert!((2..=60).all(|tag| acks.done(tag).is_none()));
        assert_eq!(acks.rest(), None);
        assert_eq!(acks.done(1), Some(60));
        assert_eq!((acks.done(61), acks.rest(), acks.rest()), (None, Some(61), None));
    }
}
