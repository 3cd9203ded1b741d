//! `publish`: events from files to the broker.

use super::arguments::PublishOptions;
use super::output::Output;
use super::{Exit, complain, runtime};
use crate::config::Settings;
use crate::publisher::{self, Check, Error, Manner, News, Report, Why};
use lienthong_commune::Headers;
use serde::Serialize;

/// What was published, as it is shown.
#[derive(Debug, Serialize)]
struct Published {
    published: u64,
    failed: u64,
    failures: Vec<FailureLine>,
}

#[derive(Debug, Serialize)]
struct FailureLine {
    place: String,
    event: Option<String>,
    why: String,
}

pub(super) fn publish(settings: &Settings, options: &PublishOptions, output: Output) -> anyhow::Result<Exit> {
    let reader = settings.reader.clone();
    let decode = move |headers: &Headers<'_>, body: &[u8]| reader.read(headers, body);
    let manner = Manner {
        check: if options.raw { Check::Raw } else { Check::Events },
        family: options.dialect.dialect.unwrap_or(settings.reader.unnamed),
        source: options.dialect.source.as_deref(),
    };
    let mut bar = publisher::bar();
    let hear = |news: News<'_>| match news {
        News::Done(done, total) => bar(done, total),
        News::Blocked(why) => complain(&format!("broker đang tạm ngừng nhận thông điệp ({why}); đang chờ …")),
        News::Unblocked => complain("broker nhận lại thông điệp; gửi tiếp"),
    };
    let publishing = publisher::publish_files(&settings.broker, &options.files, manner, &decode, hear);
    match runtime()?.block_on(publishing) {
        Ok(report) => show(report, output),
        Err(Error::Interrupted { report, total, source }) => {
            show(report, output)?;
            let why = source.map_or_else(|| "không có trả lời".to_owned(), |error| error.to_string());
            complain(&format!("mất kết nối với broker ({total} thông điệp phải gửi): {why}"));
            Ok(Exit::Unreachable)
        }
        Err(Error::Unreadable { count, first }) => {
            complain(&format!("{count} thông điệp không đọc được; chưa gửi thông điệp nào:"));
            for unreadable in first {
                let refusal = &unreadable.refusal;
                complain(&format!(
                    "  {}  {}  {}",
                    unreadable.origin,
                    refusal.reason.as_str(),
                    refusal.detail
                ));
            }
            Ok(Exit::Refused)
        }
        Err(error @ (Error::Link(_) | Error::Prepare(_))) => {
            complain(&format!("lienthong: failed to {:#}", anyhow::Error::from(error)));
            Ok(Exit::Unreachable)
        }
        Err(error @ (Error::File { .. } | Error::Kind(_) | Error::TooLarge(_))) => {
            complain(&format!("lienthong: failed to {:#}", anyhow::Error::from(error)));
            Ok(Exit::Refused)
        }
    }
}

fn show(report: Report, output: Output) -> anyhow::Result<Exit> {
    let failures = report.failures.into_iter().map(|failure| FailureLine {
        place: failure.origin.to_string(),
        event: failure.event,
        why: why(&failure.why),
    });
    let published =
        Published { published: report.published, failed: report.failed, failures: failures.collect() };
    output.show(&published, text)?;
    Ok(if published.failed == 0 { Exit::Done } else { Exit::Failed })
}

fn why(why: &Why) -> String {
    match why {
        Why::Nack => "broker từ chối".to_owned(),
        Why::Returned(said) => format!("không có hàng đợi nhận khóa định tuyến này ({said})"),
        Why::Unconfirmed => "chưa được xác nhận, có thể đã đến".to_owned(),
    }
}

fn text(published: &Published) -> String {
    let mut text = format!("Đã gửi {}, lỗi {}.", published.published, published.failed);
    for failure in &published.failures {
        let event = failure.event.as_deref().unwrap_or("–");
        text.push_str(&format!("\n  {}  {event}  {}", failure.place, failure.why));
    }
    text
}
