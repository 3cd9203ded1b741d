//! `digest`: what failed on a day, and what became of it.

use super::arguments::DigestOptions;
use super::output::{Output, local, or_dash, table};
use super::{Exit, complain, report, words};
use crate::clock;
use crate::config::Settings;
use crate::partners;
use crate::users::Agencies;
use crate::views::digest::{self, Digest, FailedFor, Share, Totals};

pub(super) fn show(settings: &Settings, options: &DigestOptions, output: Output) -> anyhow::Result<Exit> {
    let now = clock::now();
    let Some(day) = digest::day_of(options.day, now) else {
        complain("Ngày đó chưa đến; hãy chọn hôm nay hoặc một ngày trước.");
        return Ok(Exit::Configuration);
    };
    // Whoever may read the journal's file sees every agency.
    let agencies = options.agency.as_ref().map_or_else(|| Some(Agencies::all()), |code| Agencies::of([code]));
    let Some(agencies) = agencies else {
        complain("Mã cơ quan không đọc được; hãy viết như H11.01.07.");
        return Ok(Exit::Configuration);
    };
    let partners = partners::build(&settings.accounts)?;
    let digest = digest::digest(&report(settings)?, (settings, &partners), &agencies, day, now)?;
    output.show(&digest, text)?;
    Ok(Exit::Done)
}

pub(super) fn text(digest: &Digest) -> String {
    let mut parts = vec![format!("BẢN TIN NGÀY\n{}", digest.says.vi)];
    for (title, share) in [
        ("CÒN MỞ", &digest.open),
        ("NGƯỜI VẬN HÀNH ĐÃ KHẮC PHỤC", &digest.healed_by_hand),
        ("TỰ KHẮC PHỤC", &digest.healed_by_itself),
        ("KẾT THÚC CÁCH KHÁC", &digest.ended_otherwise),
    ] {
        parts.extend(told(title, share));
    }
    parts.push(format!(
        "Trong số tự khắc phục, đi tiếp nhờ một cửa gửi lại hồ sơ hoặc đối tác hết sự cố: {}. Việc khác đang chờ sau những việc còn mở: {}.",
        digest.revived, digest.waiting_behind
    ));
    let standing = digest.standing.iter().map(|line| {
        format!("{}: {} (cũ nhất từ {})", words::state(&line.state), line.count, local(line.since))
    });
    let standing: Vec<String> = standing.collect();
    let standing = if standing.is_empty() { "không có".to_owned() } else { standing.join(", ") };
    parts.push(format!("Đang dừng lúc này, của mọi ngày: {standing}."));
    parts.push(totals(&digest.totals));
    parts.join("\n\n")
}

/// A share with its reasons and its oldest; nothing where nothing is in it.
fn told(title: &str, share: &Share) -> Option<String> {
    let partners: Vec<String> = share
        .partners
        .iter()
        .map(|(partner, count)| format!("{}: {count}", words::partner(partner)))
        .collect();
    let reasons: Vec<String> = share.reasons.iter().map(reason).collect();
    let oldest: Vec<Vec<String>> = share
        .oldest
        .iter()
        .map(|failed| {
            vec![
                failed.dossier.clone(),
                words::kind(&failed.kind).to_owned(),
                words::state(&failed.state).to_owned(),
                or_dash(failed.code.as_deref()),
                local(failed.since),
            ]
        })
        .collect();
    let oldest = table(&["Cũ nhất: hồ sơ", "Việc", "Trạng thái", "Mã", "Từ"], &oldest);
    (share.count > 0).then(|| {
        format!("{title}: {} việc ({})\n{}\n{oldest}", share.count, partners.join(", "), reasons.join("\n"))
    })
}

fn reason(reason: &FailedFor) -> String {
    let stands =
        reason.state.as_deref().map(|state| format!(" ({})", words::open_state(state))).unwrap_or_default();
    let field = reason.field_label.map(|label| format!(" Trường: {}.", label.vi)).unwrap_or_default();
    let advice = reason.advice.map(|advice| format!("\n    Nên làm: {}", advice.command)).unwrap_or_default();
    format!(
        "- {} × {}{stands}, {}, cũ nhất từ {}: {}{field}{advice}",
        reason.count,
        words::kind(&reason.kind),
        or_dash(reason.code.as_deref()),
        local(reason.since),
        reason.means.vi
    )
}

fn totals(totals: &Totals) -> String {
    let number =
        |number: Option<u32>| number.map_or_else(|| "không còn lưu".to_owned(), |number| number.to_string());
    let acts: Vec<String> =
        totals.acts.iter().map(|(act, count)| format!("{} {count}", words::act(act))).collect();
    let mut lines = vec![
        format!(
            "Trong ngày: sự kiện đến {}, đơn bưu điện đã nhận {}, bản ghi hồ sơ Cổng đã nhận {}, dòng tiến độ Cổng đã nhận {}, cách ly {}.",
            number(totals.events),
            number(totals.orders),
            number(totals.records),
            number(totals.rows),
            totals.quarantined
        ),
        format!(
            "Thao tác của người vận hành: {}.",
            if acts.is_empty() { "không có".to_owned() } else { acts.join(", ") }
        ),
    ];
    lines.extend(totals.pauses.iter().map(|pause| {
        format!("Tạm dừng {} lúc {}: {}", pause.scope, local(pause.at), or_dash(pause.reason.as_deref()))
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::report::JournalReport;
    use crate::journal::tests::digest::fixture::{fixed, now};
    use crate::journal::tests::world::{code, partners};

    #[tokio::test]
    async fn the_text_says_what_failed_why_and_what_to_do() {
        let world = fixed().await;
        let report = JournalReport::open(&world.settings.journal.path).unwrap();
        let (partners, day) = (partners(), "2022-09-15".parse().unwrap());
        let around = (&world.settings, &partners);
        let text = text(&digest::digest(&report, around, &Agencies::all(), day, now()).unwrap());
        for words in [
            "BẢN TIN NGÀY\nNgày 15/09/2022 (xem lúc 16/09/2022 09:00:00): 12 việc có lỗi;",
            "CÒN MỞ: 4 việc (Cổng DVCQG: 3, Bưu điện: 1)",
            "- 1 × Cổng: hồ sơ (đã dừng), TEST-57, cũ nhất từ 15/09/2022 10:00:00",
            "- 1 × Cổng: hồ sơ (chờ gửi lại), TEST-503, cũ nhất từ 15/09/2022 23:59:59",
            "Nên làm: Gọi bưu cục, nêu số đơn.",
            "NGƯỜI VẬN HÀNH ĐÃ KHẮC PHỤC: 3 việc",
            "Việc khác đang chờ sau những việc còn mở: 2.",
            "sự kiện đến 16, đơn bưu điện đã nhận 3, bản ghi hồ sơ Cổng đã nhận 13, dòng tiến độ Cổng đã nhận 15, cách ly 2.",
            "Tạm dừng post lúc 15/09/2022 16:00:00: bảo trì",
            &code(6),
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("Bưởi"), "{text}");
    }
}
