//! What is going on, for people who watch: one line that changes at a terminal, a line every few seconds elsewhere.

use crate::player::Played;
use crate::say;
use crate::stage::Stage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pilot::{At, Pilot, Script, What};
use std::cell::{Cell, RefCell};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

const BETWEEN_LINES: Duration = Duration::from_secs(4);

/// The display.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    last_line: Cell<Option<Instant>>,
    trouble: RefCell<&'static str>,
}

impl Progress {
    pub(crate) fn new(pilot: &Pilot) -> Self {
        let publications = |script: &Script| {
            script.steps.iter().filter(|step| matches!(step.what, What::Publish { .. })).count()
        };
        let events: usize = pilot.scripts.iter().map(publications).sum::<usize>() + pilot.strays.len();
        let bar = std::io::stderr().is_terminal().then(|| {
            let length = u64::try_from(events).unwrap_or(u64::MAX);
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:20} {pos}/{len} messages  {wide_msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, last_line: Cell::new(None), trouble: RefCell::new("") }
    }

    /// The months go by.
    pub(crate) fn playing(&self, now: At, played: &Played, stage: &Stage) {
        let published = played.messages();
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(published).unwrap_or(u64::MAX));
        }
        let counted = if self.bar.is_some() { String::new() } else { format!("{published} messages, ") };
        self.show(&|| format!("{}  {counted}{}{}", now.0.date(), held(stage), self.named_trouble()));
    }

    /// Everything is published; the rest arrives.
    pub(crate) fn settling(&self, stage: &Stage, open: &[String]) {
        self.show(&|| format!("the rest arrives: {}; {}", held(stage), open.join("; ")));
    }

    /// Trouble begins.
    pub(crate) fn trouble(&self, about: &'static str) {
        self.trouble.replace(about);
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self, text: &dyn Fn() -> String) {
        if let Some(bar) = &self.bar {
            return bar.set_message(text());
        }
        if self.last_line.get().is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
            self.last_line.set(Some(Instant::now()));
            say(&text());
        }
    }

    fn named_trouble(&self) -> String {
        match *self.trouble.borrow() {
            "" => String::new(),
            trouble => format!(" · {trouble}"),
        }
    }
}

fn held(stage: &Stage) -> String {
    let counts = stage.portal.partner().counts();
    let orders = stage.post.partner().taken();
    format!("portal {} dossiers {} rows, post {orders} orders", counts.dossiers, counts.rows)
}
