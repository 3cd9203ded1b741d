//! The progress bar of `publish`: only at a terminal, and only when there is something to wait for.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// Fewer are published before a bar could be read.
const MANY: u64 = 500;

/// Draws (done, total) on standard error.
pub fn bar() -> impl FnMut(u64, u64) {
    let at_terminal = std::io::stderr().is_terminal();
    let mut bar = None;
    move |done, total| {
        if !at_terminal || total < MANY {
            return;
        }
        let bar = bar.get_or_insert_with(|| styled(total));
        bar.set_position(done);
        if done >= total {
            bar.finish_and_clear();
        }
    }
}

fn styled(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {per_sec}, {eta} left")
        .expect("the template has known keys only");
    ProgressBar::new(total).with_style(style)
}
