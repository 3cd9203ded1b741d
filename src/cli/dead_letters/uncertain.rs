//! `dead-letters uncertain`: what partners may have, with what the post office asks for on the telephone.

use crate::cli::arguments::PersonsOptions;
use crate::cli::output::{Output, local_or_dash, or_dash};
use crate::cli::{Exit, limit_of, persons, report, words};
use crate::config::Settings;
use crate::partners;
use crate::users::Agencies;
use crate::views::uncertain::{self, End, Parcel, UncertainHandoff};
use std::collections::BTreeSet;

pub(super) fn show(
    settings: &Settings,
    limit: u32,
    options: &PersonsOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let asked = (limit_of(limit), options.personal);
    let handoffs = uncertain::uncertain(&report(settings)?, settings, &partners, asked, &Agencies::all())?;
    let named = handoffs.iter().filter(|handoff| handoff.parcel.is_some());
    let dossiers: BTreeSet<String> = named.map(|named| named.handoff.dossier.clone()).collect();
    persons::note(settings, who, "uncertain", &dossiers, options)?;
    output.show(&handoffs, |handoffs| {
        if handoffs.is_empty() {
            return "Không có việc nào chưa rõ.".to_owned();
        }
        handoffs.iter().map(text).collect::<Vec<_>>().join("\n\n")
    })?;
    Ok(Exit::Done)
}

fn text(shown: &UncertainHandoff) -> String {
    let handoff = &shown.handoff;
    let who = if shown.needs_a_person {
        "cần người hỏi đối tác"
    } else {
        "cổng kết nối còn tự tìm hiểu"
    };
    let mut lines = vec![
        format!("{} {}, việc {}: {who}", handoff.dossier, words::kind(&handoff.kind), handoff.handoff),
        format!(
            "  Gửi lần đầu {}, lần cuối {}; {} {}",
            local_or_dash(shown.first_sent),
            local_or_dash(shown.last_sent),
            or_dash(handoff.code.as_deref()),
            shown.vi.unwrap_or_default()
        ),
    ];
    lines.extend(shown.parcel.as_ref().map(parcel));
    lines.extend(shown.advice.map(|advice| format!("  Nên làm: {}", advice.command)));
    lines.join("\n")
}

fn parcel(parcel: &Parcel) -> String {
    format!(
        "  Mã khách hàng {}, số đơn {}, chặng {}, nhãn {}, thu hộ {}\n  Từ: {}\n  Đến: {}",
        or_dash(parcel.customer_code.as_deref()),
        parcel.number,
        words::leg(&parcel.leg),
        parcel.label,
        words::money(parcel.cash),
        end(&parcel.from),
        end(&parcel.to)
    )
}

fn end(end: &End) -> String {
    [&end.name, &end.phone, &end.address, &end.commune].map(String::as_str).join(", ")
}
