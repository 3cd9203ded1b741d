//! Whose turn it is: live work is never starved by retries and replays, nor one agency by another's flood.
//!
//! What is ready through an account falls into classes. They share its calls by weight, each class among the agencies
//! that have something in it, one after the other. A class or agency with nothing ready costs the others nothing, and
//! one that waits is never passed over for long (tests `every_class_that_waits_gets_its_share`,
//! `agencies_of_a_class_take_turns`). The journal calls it, one pick a call; what it remembers between picks is fairness
//! only, so forgetting it at a restart loses nothing.

use std::cmp::Reverse;

/// What kind of work a handoff is, to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A first attempt.
    Live,
    /// A further attempt.
    Retry,
    /// A question about an attempt whose answer was lost.
    Question,
    /// An operator set it due again.
    Replay,
}

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Live, Self::Retry, Self::Question, Self::Replay];

    /// Its number in the journal.
    pub fn code(self) -> i64 {
        match self {
            Self::Live => 0,
            Self::Retry => 1,
            Self::Question => 2,
            Self::Replay => 3,
        }
    }

    /// Reads the number back.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// Its share of the calls, against the shares of the others that wait.
    fn weight(self) -> i32 {
        match self {
            Self::Live => 6,
            Self::Retry => 2,
            Self::Question | Self::Replay => 1,
        }
    }
}

/// Remembers whose turn it was.
#[derive(Clone, Debug, Default)]
pub struct Turns([Turn; Class::ALL.len()]);

#[derive(Clone, Debug, Default)]
struct Turn {
    /// How much the class has waited for, in weights.
    credit: i32,
    /// The agency that was served last.
    served: Option<String>,
}

impl Turns {
    /// Picks one of what waits, given as class and agency; `None` when nothing waits. Of several with the same class and
    /// agency it picks the first.
    pub fn pick(&mut self, waiting: &[(Class, &str)]) -> Option<usize> {
        let class = self.pick_class(waiting)?;
        let turn = Class::ALL.iter().zip(&mut self.0).find(|(of, _)| **of == class).map(|(_, turn)| turn)?;
        let served = turn.served.as_deref();
        let (index, (_, agency)) =
            waiting.iter().enumerate().filter(|(_, (of, _))| *of == class).min_by_key(
                |(index, (_, agency))| {
                    (Reverse(served.is_some_and(|served| *agency > served)), *agency, *index)
                },
            )?;
        turn.served = Some((*agency).to_owned());
        Some(index)
    }

    /// Smooth weighted round-robin: everybody who waits earns their weight, the richest goes and pays for all.
    fn pick_class(&mut self, waiting: &[(Class, &str)]) -> Option<Class> {
        let waits = |class| waiting.iter().any(|(of, _)| *of == class);
        let mut paid = 0;
        let mut richest: Option<(Class, &mut Turn)> = None;
        for (class, turn) in Class::ALL.into_iter().zip(&mut self.0) {
            if !waits(class) {
                turn.credit = 0;
                continue;
            }
            paid += class.weight();
            turn.credit += class.weight();
            if richest.as_ref().is_none_or(|(_, other)| turn.credit > other.credit) {
                richest = Some((class, turn));
            }
        }
        let (class, turn) = richest?;
        turn.credit -= paid;
        Some(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picks(turns: &mut Turns, waiting: &[(Class, &str)], count: usize) -> Vec<(Class, String)> {
        let one = |_| turns.pick(waiting).map(|index| (waiting[index].0, waiting[index].1.to_owned()));
        (0..count).filter_map(one).collect()
    }

    fn of(picked: &[(Class, String)], class: Class) -> usize {
        picked.iter().filter(|(of, _)| *of == class).count()
    }

    #[test]
    fn live_retry_question_and_replay_share_six_to_two_to_one_to_one() {
        let waiting = Class::ALL.map(|class| (class, "A"));
        let picked = picks(&mut Turns::default(), &waiting, 100);
        assert_eq!(Class::ALL.map(|class| of(&picked, class)), [60, 20, 10, 10]);
    }

    #[test]
    fn nobody_waits_for_a_class_that_has_nothing() {
        let mut turns = Turns::default();
        assert_eq!(of(&picks(&mut turns, &[(Class::Replay, "A")], 10), Class::Replay), 10);
        assert_eq!(turns.pick(&[(Class::Live, "A"), (Class::Replay, "A")]), Some(0));
        assert_eq!(turns.pick(&[]), None);
    }

    #[test]
    fn agencies_of_a_class_take_turns() {
        let waiting = [(Class::Live, "A"), (Class::Live, "B"), (Class::Live, "C"), (Class::Live, "B")];
        let picked = picks(&mut Turns::default(), &waiting, 7);
        let agencies: Vec<&str> = picked.iter().map(|(_, agency)| agency.as_str()).collect();
        assert_eq!(agencies, ["A", "B", "C", "A", "B", "C", "A"]);
    }

    #[test]
    fn classes_are_read_back() {
        for class in Class::ALL {
            assert_eq!(Class::from_code(class.code()), Some(class));
        }
        assert_eq!(Class::from_code(4), None);
    }

    proptest! {
        #[test]
        fn every_class_that_waits_gets_its_share(mask in 1usize..16, before in proptest::collection::vec(1usize..16, 0..30)) {
            let waiting = |mask: usize| -> Vec<(Class, &str)> {
                let waits = |(index, class): (usize, Class)| (mask & (1 << index) != 0).then_some((class, "A"));
                Class::ALL.into_iter().enumerate().filter_map(waits).collect()
            };
            let mut turns = Turns::default();
            for mask in before {
                prop_assert!(turns.pick(&waiting(mask)).is_some());
            }
            let waiting = waiting(mask);
            let picked = picks(&mut turns, &waiting, 100);
            let all: i32 = waiting.iter().map(|(class, _)| class.weight()).sum();
            for (class, _) in &waiting {
                let share = usize::try_from(100 * class.weight() / all).unwrap();
                prop_assert!(of(&picked, *class) + 3 >= share, "{class:?}: {} of {share}", of(&picked, *class));
            }
        }
    }
}
