use super::*;
use crate::testing::{at, record, row};
use lienthong_core::ids::DossierCode;
use lienthong_core::ids::{PortalAccountId, ProcedureCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CREATE: &str = include_str!("axis/fixtures/sample-create-direct.json");
const RETURNED: &str = include_str!("axis/fixtures/sample-update-returned-by-post.json");
const WRONG: &str = "PORTAL-WRONG-CONTENT";
const PROGRESS: &str = include_str!("axis/fixtures/sample-progress-rows.json");

fn sample(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn written(record: &Record, fields: FieldSet) -> Value {
    serde_json::to_value(item(record, fields).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn full_record() -> Record {
    let mut record = record();
    record.snapshot.fees =
        Some(vec![Fee { code: "LP01".to_owned(), name: "Lệ phí".to_owned(), amount: 8000, paid: true }]);
    record.snapshot.dossier.results = Some(vec![ResultPaper {
        code: "KQ.G15.000051".to_owned(),
        name: "Giấy khai sinh".to_owned(),
        part_code: Some("KQ01".to_owned()),
        url: Some("https://hoso.example/f/90213".to_owned()),
    }]);
    record.snapshot.dossier.supplements = Some(vec![Supplement {
        id: "BS1".to_owned(),
        asked_at: at("2026-11-02T09:00:00"),
        asked_by: Some("Hoàng Văn Dũng".to_owned()),
        text: Some("Bổ sung giấy chứng sinh".to_owned()),
        received_at: None,
        due_before: Some(at("2026-11-03T17:00:00")),
        due_after: Some(at("2026-11-05T17:00:00")),
    }]);
    record
}

#[test]
fn a_record_is_the_contracts_sample_word_for_word() {
    let sample = &sample(CREATE)["data"][0];
    let mut ours = written(&record(), FieldSet::Y2023);
    // The sample leaves out one optional field of the base set; ours always has them all.
    assert_eq!(ours.as_object_mut().unwrap().remove("SoBienNhan"), Some(json!("")));
    assert_eq!(&ours, sample);
}

#[test]
fn a_return_by_post_is_the_contracts_sample() {
    let mut record = full_record();
    record.status = Status::Returned;
    record.delivered_by_post = true;
    record.returned_at = Some(at("2026-11-05T14:30:00"));
    record.snapshot.dossier.finished_at = Some(at("2026-11-03T10:12:00"));
    let mut ours = written(&record, FieldSet::Y2023);
    // The event knows no file number of a result beside its code.
    ours["DanhSachGiayToKetQua"][0]["GiayToId"] = json!("90213");
    let sample = &sample(RETURNED)["data"][0];
    for key in keys(sample) {
        assert_eq!(ours[key], sample[key], "{key}");
    }
}

#[test]
fn progress_rows_are_the_contracts_sample_word_for_word() {
    let second = Row {
        status: Status::Processing,
        at: at("2026-11-02T14:05:00"),
        position: None,
        department: None,
        text: "Chuyển xử lý".to_owned(),
        started_at: None,
        due_at: None,
        ..row()
    };
    let (first, second) = (Content::Row(row()), Content::Row(second));
    let Cargo::Rows(rows) = cargo(&[&first, &second], FieldSet::Y2023, WRONG).unwrap() else {
        panic!("no rows")
    };
    assert_eq!(serde_json::to_value(rows).unwrap(), sample(PROGRESS)["data"]);
}

#[test]
fn the_number_of_fields_is_the_contracts() {
    // Counted in the tables of the contract: 23 scalars and 5 lists at first, 10 more later.
    let newer = written(&full_record(), FieldSet::Y2023);
    let older = written(&full_record(), FieldSet::Y2020);
    assert_eq!(keys(&older).len(), 28);
    assert_eq!(keys(&newer).len(), 38);
    let count = |item: &Value, list: &str| keys(&item[list][0]).len();
    for (list, expected_older, expected_newer) in [
        ("TaiLieuNop", 5, 9),
        ("DanhSachLePhi", 5, 5),
        ("DanhSachHoSoBoSung", 12, 12),
        ("DanhSachGiayToKetQua", 4, 5),
    ] {
        assert_eq!(count(&older, list), expected_older, "{list}");
        assert_eq!(count(&newer, list), expected_newer, "{list}");
    }
    assert_eq!(keys(&serde_json::to_value(progress_row(&row(), &mut Vec::new())).unwrap()).len(), 9);
}

#[test]
fn every_scalar_is_a_string() {
    fn check(path: &str, value: &Value) {
        match value {
            Value::String(_) => {}
            Value::Array(items) => items.iter().for_each(|item| check(path, item)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| check(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{path}: {value}"),
        }
    }
    check("", &written(&full_record(), FieldSet::Y2023));
}

#[test]
fn the_fields_say_what_the_event_says() {
    fn check(change: impl FnOnce(&mut Record), field: &str, expected: &Value) {
        let mut record = full_record();
        change(&mut record);
        assert_eq!(&written(&record, FieldSet::Y2023)[field], expected, "{field}");
    }
    check(|r| r.snapshot.dossier.channel = Channel::Online, "KenhThucHien", &json!("2"));
    check(|r| r.snapshot.dossier.channel = Channel::Post, "KenhThucHien", &json!("3"));
    check(|r| r.snapshot.dossier.return_by_post = false, "HinhThuc", &json!("0"));
    check(|r| r.snapshot.applicant.kind = ApplicantKind::Business, "LoaiDoiTuong", &json!("2"));
    check(|r| r.snapshot.applicant.kind = ApplicantKind::State, "LoaiDoiTuong", &json!("3"));
    check(|r| r.snapshot.applicant.kind = ApplicantKind::Organisation, "LoaiDoiTuong", &json!("4"));
    check(
        |r| r.snapshot.applicant.phone = Some("+84 510 000 222".into()),
        "SoDienThoai",
        &json!("0510000222"),
    );
    check(|r| r.snapshot.applicant.phone = Some("không có".into()), "SoDienThoai", &json!(""));
    check(|r| r.snapshot.applicant.phone = None, "SoDienThoai", &json!(""));
    check(
        |r| r.snapshot.applicant.portal_id = Some(PortalAccountId::new("a81f-77c2")),
        "MaDoiTuong",
        &json!("a81f-77c2"),
    );
    check(|r| r.snapshot.dossier.subject = "  ".into(), "TrichYeuHoSo", &json!("Thủ tục đăng ký khai sinh"));
    check(|r| r.snapshot.dossier.due_at = None, "NgayHenTra", &json!(""));
    check(|r| r.snapshot.dossier.documents = None, "TaiLieuNop", &json!([]));
    check(|r| r.snapshot.dossier.documents = None, "HoSoCoThanhPhanSoHoa", &json!("0"));
    check(|_| {}, "DuocThanhToanTrucTuyen", &json!("0"));
    check(
        |r| r.snapshot.applicant.id_number = Some("999199001".into()),
        "DinhDanhCHS",
        &json!([{ "LoaiDinhDanh": "2", "SoDinhDanh": "999199001" }]),
    );
    check(|r| r.snapshot.applicant.id_number = Some("9991990010".into()), "DinhDanhCHS", &json!([]));
    check(|r| r.snapshot.applicant.id_number = None, "SoGiayToChuHoSo", &json!(""));
    let finished = at("2026-11-02T16:59:59");
    let refuse = |status: Status| {
        move |r: &mut Record| {
            r.status = status;
            r.snapshot.dossier.finished_at = Some(finished);
        }
    };
    check(refuse(Status::Refused), "NgayTuChoi", &json!("20261102165959"));
    check(refuse(Status::Stopped), "NgayTuChoi", &json!(""));
    let returned = at("2026-11-04T00:00:00");
    let hand_over = |status: Status| {
        move |r: &mut Record| {
            r.status = status;
            r.snapshot.dossier.returned_at = Some(returned);
        }
    };
    check(hand_over(Status::Returned), "NgayTra", &json!("20261104000000"));
    check(hand_over(Status::Processing), "NgayTra", &json!(""));
}

#[test]
fn fees_and_supplements_keep_amounts_and_dates() {
    let ours = written(&full_record(), FieldSet::Y2023);
    let fee = json!({ "TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP01", "HinhThucThu": "1", "Gia": "8000",
        "LoaiPhiLePhi": "1" });
    assert_eq!(ours["DanhSachLePhi"], json!([fee]));
    let round = &ours["DanhSachHoSoBoSung"][0];
    assert_eq!(round["NgayBoSung"], "20261102090000");
    assert_eq!(round["NgayHenTraTruoc"], "20261103170000");
    assert_eq!(round["NgayHenTraMoi"], "20261105170000");
    assert_eq!(round["NgayTiepNhanBoSung"], "");
    assert_eq!(round["TrangThaiBoSung"], "0");
}

#[test]
fn what_the_portal_requires_is_asked_of_the_desk_all_at_once() {
    let mut record = record();
    record.snapshot.dossier.code = None;
    record.procedure = ProcedureCode::new("");
    record.snapshot.dossier.procedure_name.clear();
    record.snapshot.dossier.field_code = " ".to_owned();
    record.snapshot.dossier.field_name.clear();
    record.snapshot.dossier.received_at = None;
    record.snapshot.applicant.name.clear();
    record.snapshot.agency.name.clear();
    let problems = item(&record, FieldSet::Y2023).unwrap_err();
    let fields: BTreeSet<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    let expected = BTreeSet::from([
        "dossier.code",
        "dossier.procedure_code",
        "dossier.procedure_name",
        "dossier.field_code",
        "dossier.field_name",
        "dossier.received_at",
        "applicant.name",
        "agency.name",
    ]);
    assert_eq!(fields, expected);
    assert!(problems.iter().all(|problem| problem.code.as_str() == gateway::MISSING_FIELD));

    let empty = Row { officer: " ".to_owned(), text: String::new(), dossier: DossierCode::new(""), ..row() };
    let problems = cargo(&[&Content::Row(empty)], FieldSet::Y2023, WRONG).unwrap_err();
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["dossier.code", "step.officer", "step.text"]);
}

#[test]
fn a_dossier_not_yet_accepted_needs_no_time_of_acceptance() {
    for status in Status::ALL {
        let mut record = record();
        record.status = status;
        record.snapshot.dossier.received_at = None;
        let exempt = matches!(status, Status::Lodged | Status::Refused | Status::Withdrawn);
        assert_eq!(item(&record, FieldSet::Y2023).is_ok(), exempt, "{status:?}");
    }
}

#[test]
fn one_call_carries_one_record_or_rows() {
    let whole = Content::Record(Box::new(record()));
    let single = Content::Row(row());
    for contents in [vec![], vec![&whole, &whole], vec![&whole, &single]] {
        let problems = cargo(&contents, FieldSet::Y2023, WRONG).unwrap_err();
        assert!(problems.iter().all(|problem| problem.code.as_str() == WRONG));
    }
}

#[test]
fn decomposed_letters_are_composed_before_cutting() {
    let decomposed = "Lo\u{300} Thi\u{323} Bu\u{31b}o\u{31b}\u{309}i ".repeat(10);
    let ours = progress_row(&Row { officer: decomposed, ..row() }, &mut Vec::new());
    assert_eq!(ours.nguoi_xu_ly, text::cut(&"Lò Thị Bưởi ".repeat(10), OFFICER_LIMIT));
}

proptest! {
    #[test]
    fn limits_count_characters(length in 0_usize..5000, letter in prop::sample::select(vec!['ữ', 'a', '💡'])) {
        let long: String = std::iter::repeat_n(letter, length).collect();
        let mut record = full_record();
        record.snapshot.dossier.subject.clone_from(&long);
        record.snapshot.dossier.documents.as_mut().unwrap()[0].name.clone_from(&long);
        record.snapshot.dossier.results.as_mut().unwrap()[0].name.clone_from(&long);
        let ours = item(&record, FieldSet::Y2023).unwrap();
        if length > 0 {
            prop_assert_eq!(ours.trich_yeu_ho_so.chars().count(), length.min(1000));
        }
        prop_assert_eq!(ours.tai_lieu_nop[0].ten_tep_dinh_kem.chars().count(), length.min(4000));
        prop_assert_eq!(ours.danh_sach_giay_to_ket_qua[0].ten_giay_to.chars().count(), length.min(2000));
        let progress = progress_row(&Row { officer: long, ..row() }, &mut Vec::new());
        prop_assert_eq!(progress.nguoi_xu_ly.chars().count(), length.min(50));
    }
}
