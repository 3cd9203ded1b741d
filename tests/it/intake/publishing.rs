//! Publishing files: in order, confirmed, and with a name for each message that the broker did not take.

use super::stage::{DEADLINE, Desk, FREE, Memory, Running, broker_settings, decode, intake, until};
use lienthong::publisher::{self, Check, Manner, News};
use std::collections::BTreeSet;
use std::io::Write as _;

/// One event as the commune publishes it.
fn event(number: u32) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"event-{number}","source":"urn:lienthong:commune:H11.01.07","type":"vn.dossier.status-changed","subject":"H11.01.07-220915-{number:04}","time":"2022-09-15T10:12:00+07:00","sequence":"5","datacontenttype":"application/json","dataschema":"urn:lienthong:schema:dossier-event:1","data":{{"agency":{{"code":"H11.01.07","name":"UBND xã Tiến Thành"}},"dossier":{{"code":"H11.01.07-220915-{number:04}","procedure_code":"1.004873","procedure_name":"Cấp giấy xác nhận tình trạng hôn nhân","field_code":"G15-TP03","field_name":"Hộ tịch","subject":"Xác nhận tình trạng hôn nhân","status":2,"channel":"direct","return_by_post":false,"submitted_at":null,"received_at":"2022-09-13T08:30:15+07:00","due_at":"2022-09-16T17:00:00+07:00","finished_at":null,"returned_at":null,"documents":null,"results":null,"supplements":[]}},"applicant":{{"kind":"citizen","name":"Lò Thị Bưởi","id_number":"999199000124","phone":"0510000111","email":null}},"step":{{"officer":"Hà Văn Mẫu","position":"Công chức","department":"Bộ phận Một cửa","text":"Đã tiếp nhận","started_at":null,"due_at":null}},"postal":{{"pickup":null,"forward":null,"return":null}},"fees":[]}}}}"#
    )
}

fn lines(path: &std::path::Path, lines: &[String]) {
    let mut file = std::fs::File::create(path).unwrap();
    lines.iter().for_each(|line| writeln!(file, "{line}").unwrap());
}

#[tokio::test]
async fn files_are_published_in_order_with_progress_and_arrive_as_events() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let (many, one) = (folder.path().join("many.jsonl"), folder.path().join("one.json"));
    lines(&many, &(1..=600).map(event).collect::<Vec<_>>());
    lines(&one, &[event(601)]);
    let mut progress = Vec::new();
    let settings = broker_settings(&desk.vhost);
    let report =
        publisher::publish_files(&settings, &[many, one], Manner::of(Check::Events), &decode, |news| {
            match news {
                News::Done(done, total) => progress.push((done, total)),
                News::Blocked(_) | News::Unblocked => panic!("{news:?}"),
            }
        })
        .await
        .unwrap();
    assert_eq!((report.published, report.failed), (601, 0));
    assert_eq!(progress, (1..=601).map(|done| (done, 601)).collect::<Vec<_>>());

    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    until("stored", || memory.numbers().len() >= 601).await;
    running.stop().await;
    assert_eq!(*memory.refused.lock().unwrap(), []);
}

#[tokio::test]
async fn nothing_is_published_when_one_line_is_no_event_unless_it_is_raw() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    lines(&path, &[event(1), String::new(), "{}".into()]);
    let settings = broker_settings(&desk.vhost);
    let files = [path];
    let error = publisher::publish_files(&settings, &files, Manner::of(Check::Events), &decode, |_| {})
        .await
        .unwrap_err();
    let publisher::Error::Unreadable { count: 1, first } = error else { panic!("{error}") };
    assert_eq!(first[0].origin.line, Some(3));

    let report =
        publisher::publish_files(&settings, &files, Manner::of(Check::Raw), &decode, |_| {}).await.unwrap();
    assert_eq!((report.published, report.failed), (2, 0));
    desk.queue_becomes(2, 0).await;
}

#[tokio::test]
async fn a_message_that_no_queue_wants_is_a_failure_with_its_name() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    lines(&path, &[event(1), event(2)]);
    let mut settings = broker_settings(&desk.vhost);
    settings.bindings = vec!["H99.#".into()];
    let report = publisher::publish_files(&settings, &[path], Manner::of(Check::Events), &decode, |_| {})
        .await
        .unwrap();
    assert_eq!((report.published, report.failed), (0, 2));
    let named: BTreeSet<_> = report.failures.iter().filter_map(|failure| failure.event.as_deref()).collect();
    assert_eq!(named, BTreeSet::from(["event-1", "event-2"]));
    assert!(report.failures.iter().all(|failure| matches!(failure.why, publisher::Why::Returned(_))));
}
