//! The words of the figures, for people: in Vietnamese, and in English.

use super::{Doubt, PeriodShown};
use crate::journal::report::FigureList;
use jiff::civil::Date;
use lienthong_core::figures::{Missing, Share, Who};

/// What is said where there is nothing to count.
pub(crate) const NOTHING: (&str, &str) = ("không có số liệu", "no figures");

/// A text in Vietnamese and in English.
pub(crate) type Told = (String, String);

/// A sentence or word in Vietnamese and in English.
pub(crate) type Said = (&'static str, &'static str);

/// Why a dossier is missing.
pub(crate) fn why(missing: Missing) -> Said {
    match missing {
        Missing::Waiting => ("đang chờ gửi", "waiting to be sent"),
        Missing::Retrying => ("Cổng chưa nhận, đang gửi lại", "not taken yet, tried again"),
        Missing::Sending => ("đang gửi", "being sent"),
        Missing::Closed => {
            ("tài khoản hoặc hồ sơ đang bị chặn hay tạm dừng", "its account or lane is blocked or paused")
        }
        Missing::Uncertain => ("chưa rõ Cổng đã nhận hay chưa", "the portal may have it"),
        Missing::StoppedAtDesk => {
            ("đã dừng, một cửa cần sửa thông tin", "stopped: the desk must correct a field")
        }
        Missing::Stopped => ("đã dừng", "stopped"),
        Missing::Held => {
            ("đang giữ lại vì sẽ làm trống danh sách trên Cổng", "held: it would empty a list at the portal")
        }
        Missing::Dismissed => ("đã bị bỏ qua", "dismissed by hand"),
        Missing::Observed => ("cơ quan đang ở chế độ chỉ theo dõi", "the agency is only observed"),
        Missing::Gap => ("sự kiện đang chờ sự kiện trước đó", "its events wait for one that has not come"),
        Missing::Aside => ("sự kiện không lập kế hoạch được, đã cách ly", "its event could not be planned"),
        Missing::Elsewhere => ("hệ thống của bộ, ngành đồng bộ", "a ministry's system reports it"),
        Missing::NoAccount => {
            ("cơ quan chưa có tài khoản tại Cổng", "the agency has no account at the portal")
        }
        Missing::Unplanned => {
            ("chưa từng lập bản ghi; không còn dữ liệu để biết vì sao", "never planned, and nothing says why")
        }
        Missing::Quarantined => ("tin bị cách ly, chưa vào sổ", "its message was set aside"),
    }
}

/// Who must act.
pub(crate) fn who(who: Who) -> Said {
    match who {
        Who::Nobody => ("không ai, tự đi", "nobody: it goes by itself"),
        Who::Desk => ("một cửa", "the desk"),
        Who::Ops => ("người vận hành", "operators"),
        Who::Post => ("bưu điện", "the post"),
    }
}

/// What a list holds.
pub(crate) fn list(list: FigureList) -> Said {
    match list {
        FigureList::Late => ("Kết thúc trễ hạn", "Ended late"),
        FigureList::Overdue => ("Chưa kết thúc, đã quá hạn", "Not ended, overdue"),
        FigureList::AtRisk => ("Sắp đến hạn", "At risk"),
        FigureList::Undated => ("Không có hạn trả", "Without a promised date"),
        FigureList::WithoutDone => ("Trả kết quả (10) mà không có 9", "Returned without 9"),
        FigureList::AskedAgain => ("Yêu cầu bổ sung hơn một lần", "Asked for supplements more than once"),
        FigureList::WithoutOrder => {
            ("Đã xong (9), đăng ký trả qua bưu điện, chưa có đơn", "At 9, to go by post, no order")
        }
        FigureList::Left => ("Đơn bưu điện chưa thu gom", "Orders not collected"),
        FigureList::Failed => ("Phát chưa thành công", "Not delivered at the door"),
        FigureList::Returned => ("Chuyển hoàn", "Returned to the desk"),
    }
}

/// Why figures are not all there is.
pub(crate) fn doubt(doubt: &Doubt) -> Told {
    let count = doubt.count.unwrap_or(0);
    let said = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
    match doubt.code {
        "period-open" => said(
            "Kỳ chưa kết thúc: số liệu còn thay đổi.",
            "The period is not over: the figures will change.",
        ),
        "intake-closed" => said(
            "Cổng kết nối đang không nhận sự kiện: số liệu sau thời điểm trên chưa đủ.",
            "No events are taken in: figures after that time are partial.",
        ),
        "intake-unknown" => said(
            "Tính từ sổ: không biết còn sự kiện nào chưa nhận hay không.",
            "Counted from the journal alone: events that were not taken in are not known of.",
        ),
        "events-waiting" => (
            format!("{count} sự kiện đang chờ sự kiện trước đó nên chưa được tính."),
            format!("{count} events wait for one that has not come, and are not counted."),
        ),
        "quarantined" => (
            format!("{count} tin trong kỳ bị cách ly, chưa được tính."),
            format!("{count} messages of the period were set aside, and are not counted."),
        ),
        _unheard => (
            format!("Báo cáo quốc gia có nhiều hơn {count} hồ sơ; cổng kết nối chưa từng nhận được."),
            format!("The national report has {count} dossiers that the gateway never heard of."),
        ),
    }
}

/// A share with its sign, or that there is nothing.
pub(crate) fn share(share: Share) -> Option<String> {
    share.hundredths().map(|_known| format!("{share} %"))
}

/// A period by its name and days.
pub(crate) fn period(period: &PeriodShown) -> Told {
    let day = |day: Date| day.strftime("%d/%m/%Y").to_string();
    let days = format!("{} – {}", day(period.from), day(period.to));
    let Some(name) = &period.name else { return (days.clone(), days) };
    let (year, part) = name.split_once('-').unwrap_or((name, ""));
    match part.strip_prefix('Q') {
        Some(quarter) => (format!("quý {quarter}/{year} ({days})"), format!("{name} ({days})")),
        None if part.is_empty() => (format!("năm {year} ({days})"), format!("{name} ({days})")),
        None => (format!("tháng {part}/{year} ({days})"), format!("{name} ({days})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthong_core::figures::Period;

    #[test]
    fn a_period_is_told_by_its_name_and_its_days() {
        let told = |name: &str| period(&PeriodShown::of(Period::read(name).unwrap())).0;
        assert_eq!(told("2026-11"), "tháng 11/2026 (01/11/2026 – 30/11/2026)");
        assert_eq!(told("2026-Q4"), "quý 4/2026 (01/10/2026 – 31/12/2026)");
        assert_eq!(told("2026"), "năm 2026 (01/01/2026 – 31/12/2026)");
    }

    #[test]
    fn an_empty_share_is_no_number() {
        assert_eq!(share(Share { part: 0, whole: 0 }), None);
        assert_eq!(share(Share { part: 1, whole: 3 }).as_deref(), Some("33,33 %"));
    }
}
