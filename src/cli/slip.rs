//! `slip`: the hand-over slip, to print and sign.

use super::arguments::SlipOptions;
use super::output::{Output, local, or_dash, table};
use super::{Exit, command_journal, complain, report, words};
use crate::clock;
use crate::config::Settings;
use crate::views::post::{OrderView, Question};
use crate::views::slip::{self, MOST_HANDED_OVER, NoSlip, SlipView};
use std::collections::BTreeSet;

pub(super) fn show(
    settings: &Settings,
    options: &SlipOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let now = clock::now();
    let question = Question { agency: Some(options.agency.clone()), ..options.parcels.question(now)? };
    // Whoever may read the journal's file sees every agency.
    let slip = match slip::slip(&report(settings)?, settings, &question, |_| true, who, now)? {
        Ok(slip) => slip,
        Err(no) => {
            complain(&refused(no));
            return Ok(Exit::Refused);
        }
    };
    let dossiers: BTreeSet<String> = slip.items.iter().map(|item| item.dossier.clone()).collect();
    let subject = format!("slip {}", question.tab.name());
    command_journal(settings, who)?.unmasked_all(&subject, &dossiers, &options.reason, now)?;
    output.show(&slip, text)?;
    Ok(Exit::Done)
}

fn refused(no: NoSlip) -> String {
    match no {
        NoSlip::WhichAgency => "Hãy chọn một cơ quan để lập phiếu.".to_owned(),
        NoSlip::Nothing => "Không có bưu gửi nào để bàn giao; hãy chọn nơi hoặc ngày khác.".to_owned(),
        NoSlip::TooMany => {
            format!("Một phiếu có nhiều nhất {MOST_HANDED_OVER} bưu gửi; hãy chọn theo ngày.")
        }
    }
}

fn text(slip: &SlipView) -> String {
    let heads = ["STT", "Hồ sơ", "Đơn", "Mã vận đơn", "Chặng", "Họ tên", "Điện thoại", "Địa chỉ", "Thu hộ"];
    let rows: Vec<Vec<String>> = slip.items.iter().map(row).collect();
    let unknown = match slip.cash_unknown {
        0 => String::new(),
        count => format!(" (chưa rõ tiền thu hộ của {count} bưu gửi)"),
    };
    format!(
        "PHIẾU BÀN GIAO giữa bưu điện và {} ({}): {}\nLập lúc {}, {}\n\n{}\n\nTổng cộng {} bưu gửi, thu hộ {}{unknown}\n\n\
         Bên giao (ký, ghi rõ họ tên, giờ): ____________    Bên nhận (ký, ghi rõ họ tên, giờ): ____________",
        slip.agency_name,
        slip.agency,
        words::place(slip.tab.name()),
        local(slip.made_at),
        slip.made_by,
        table(&heads, &rows),
        slip.items.len(),
        words::money(slip.cash),
    )
}

fn row(item: &OrderView) -> Vec<String> {
    let person = |part: fn(&crate::views::post::PersonView) -> &String| {
        item.person.as_ref().map_or_else(|| "đã xóa".to_owned(), |person| part(person).clone())
    };
    vec![
        item.n.to_string(),
        item.dossier.clone(),
        item.order.clone(),
        or_dash(item.waybill.as_deref()),
        words::leg(&item.leg).to_owned(),
        person(|person| &person.name),
        person(|person| &person.phone),
        person(|person| &person.address),
        item.cash.map_or_else(|| "–".to_owned(), words::money),
    ]
}
