//! From our words to the portal's: pure, and the same whenever it is asked.
//!
//! A record becomes the whole item of `DongBoHoSoMC` (the portal replaces what it has, so every field of the field set
//! is always there), rows become the `data` of `CapNhatTienDoHoSoMC` in their order. Text is NFC and cut by characters,
//! instants are `yyyyMMddHHmmss` at +07:00, whatever is not known is the empty string: nothing is invented. What the
//! portal requires and the event lacks is a [`Problem`] at the event's field, so that the desk sees it while planning.
//!
//! Limits: DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026; the portal counts characters.

use crate::wire::{FeeLine, Item, OwnerIdentity, ProgressRow, ResultFile, SubmittedPaper, SupplementRound};
use jiff::Timestamp;
use lienthong_core::event::{ApplicantKind, Channel, Document, Fee, ResultPaper, Supplement};
use lienthong_core::handoff::{Content, Record, Row};
use lienthong_core::ids::PortalAccountId;
use lienthong_core::outcome::{Problem, gateway};
use lienthong_core::status::Status;
use lienthong_core::tables::VIETNAM;
use lienthong_core::text;

const SUMMARY_LIMIT: usize = 1000;
const FILE_NAME_LIMIT: usize = 4000;
const RESULT_NAME_LIMIT: usize = 2000;
const OFFICER_LIMIT: usize = 50;

/// Text that goes with a hand-over by the post (contract's sample of an update).
const RETURNED_BY_POST: &str = "Trả qua bưu chính công ích";

/// Which fields a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSet {
    /// The fields of 2019–2021, for portals that refuse unknown ones.
    Y2020,
    /// With the fields seen since 2023, which feed the index of Decision 766.
    Y2023,
}

/// What one call carries.
#[derive(Debug)]
pub(crate) enum Cargo {
    /// One dossier.
    Record(Box<Item>),
    /// Progress rows of one dossier.
    Rows(Vec<ProgressRow>),
}

/// Translates what travels in one call: one record, or one or more rows. Anything else has the problem `wrong`, a mistake
/// of the gateway and not of the desk.
///
/// # Errors
/// Every problem, each with the event's field to correct.
pub(crate) fn cargo(
    contents: &[&Content],
    fields: FieldSet,
    wrong: &'static str,
) -> Result<Cargo, Vec<Problem>> {
    if let [Content::Record(record)] = contents {
        return item(record, fields).map(|item| Cargo::Record(Box::new(item)));
    }
    let mut rows = Vec::with_capacity(contents.len());
    let mut problems = Vec::new();
    for content in contents {
        match content {
            Content::Row(row) => rows.push(progress_row(row, &mut problems)),
            Content::Record(_)
            | Content::Status(_)
            | Content::Order(_)
            | Content::Cancel(_)
            | Content::News(_) => {
                problems.push(Problem::new(wrong, "type"));
            }
        }
    }
    if contents.is_empty() {
        problems.push(Problem::new(wrong, "type"));
    }
    if problems.is_empty() { Ok(Cargo::Rows(rows)) } else { Err(problems) }
}

fn item(record: &Record, fields: FieldSet) -> Result<Item, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut item = base_item(record, &mut problems);
    item.tai_lieu_nop = list(record.snapshot.dossier.documents.as_deref(), |paper| submitted(paper, fields));
    item.danh_sach_le_phi = list(record.snapshot.fees.as_deref(), fee_line);
    item.danh_sach_ho_so_bo_sung = list(record.snapshot.dossier.supplements.as_deref(), supplement_round);
    item.danh_sach_giay_to_ket_qua =
        list(record.snapshot.dossier.results.as_deref(), |paper| result_file(paper, fields));
    match fields {
        FieldSet::Y2020 => {}
        FieldSet::Y2023 => add_fields_of_2023(&mut item, record),
    }
    if problems.is_empty() { Ok(item) } else { Err(problems) }
}

fn base_item(record: &Record, problems: &mut Vec<Problem>) -> Item {
    let dossier = &record.snapshot.dossier;
    let applicant = &record.snapshot.applicant;
    let mut required = |value: &str, field: &str| required(value, field, problems);
    let code = dossier.code.as_ref().map_or("", |code| code.as_str());
    let procedure_name = required(&dossier.procedure_name, "dossier.procedure_name");
    let received_at = date(dossier.received_at);
    if is_received(record.status) {
        required(&received_at, "dossier.received_at");
    }
    let summary = text::normalise(&dossier.subject);
    let summary = if summary.is_empty() { procedure_name.clone() } else { summary };
    Item {
        ma_ho_so: required(code, "dossier.code"),
        ma_tthc: required(record.procedure.as_str(), "dossier.procedure_code"),
        ten_tthc: procedure_name,
        ma_linh_vuc: required(&dossier.field_code, "dossier.field_code"),
        ten_linh_vuc: required(&dossier.field_name, "dossier.field_name"),
        chu_ho_so: required(&applicant.name, "applicant.name"),
        loai_doi_tuong: kind_of_owner(applicant.kind).to_owned(),
        ma_doi_tuong: known(applicant.portal_id.as_ref().map(PortalAccountId::as_str)),
        email: known(applicant.email.as_deref()),
        so_dien_thoai: applicant.phone.as_deref().and_then(text::phone).unwrap_or_default(),
        trich_yeu_ho_so: text::cut(&summary, SUMMARY_LIMIT),
        ngay_tiep_nhan: received_at,
        ngay_hen_tra: date(dossier.due_at),
        trang_thai_ho_so: record.status.code().to_string(),
        ngay_tra: date(returned_at(record)),
        thong_tin_tra: if record.delivered_by_post { RETURNED_BY_POST.to_owned() } else { String::new() },
        hinh_thuc: flag(dossier.return_by_post),
        ngay_ket_thuc_xu_ly: date(dossier.finished_at),
        don_vi_xu_ly: required(&record.snapshot.agency.name, "agency.name"),
        ..Item::default()
    }
}

fn add_fields_of_2023(item: &mut Item, record: &Record) {
    let dossier = &record.snapshot.dossier;
    let id_number = known(record.snapshot.applicant.id_number.as_deref());
    let digitised = dossier.documents.as_deref().unwrap_or_default().iter().any(|paper| paper.digitised);
    item.kenh_thuc_hien = Some(channel(dossier.channel).to_owned());
    item.noi_nop_ho_so = Some("2".to_owned());
    item.ho_so_co_thanh_phan_so_hoa = Some(flag(digitised));
    item.tai_khoan_duoc_xac_thuc_voi_vneid = Some(flag(false));
    // Cash does not count as paid online, and the event knows no online payment.
    item.duoc_thanh_toan_truc_tuyen = Some("0".to_owned());
    item.ngay_tu_choi = Some(match record.status {
        Status::Refused => date(dossier.finished_at),
        Status::Lodged
        | Status::Received
        | Status::Processing
        | Status::SupplementAsked
        | Status::PaymentAsked
        | Status::Withdrawn
        | Status::Stopped
        | Status::Done
        | Status::Returned => String::new(),
    });
    item.ngay_nop_ho_so = Some(date(dossier.submitted_at));
    item.dinh_danh_chs = Some(owner_identity(&id_number).into_iter().collect());
    item.so_giay_to_chu_ho_so = Some(id_number);
    item.ds_ket_noi_csdl = Some(Vec::new());
}

fn progress_row(row: &Row, problems: &mut Vec<Problem>) -> ProgressRow {
    ProgressRow {
        ma_ho_so: required(row.dossier.as_str(), "dossier.code", problems),
        nguoi_xu_ly: text::cut(&required(&row.officer, "step.officer", problems), OFFICER_LIMIT),
        chuc_danh: known(row.position.as_deref()),
        thoi_diem_xu_ly: date(Some(row.at)),
        phong_ban_xu_ly: known(row.department.as_deref()),
        noi_dung_xu_ly: required(&row.text, "step.text", problems),
        trang_thai: row.status.code().to_string(),
        ngay_bat_dau: date(row.started_at),
        ngay_ket_thuc_theo_quy_dinh: date(row.due_at),
    }
}

/// Whether the desk has accepted a dossier that stands there: before, and after a refusal or an early withdrawal, it has
/// no time of acceptance.
fn is_received(status: Status) -> bool {
    match status {
        Status::Lodged | Status::Refused | Status::Withdrawn => false,
        Status::Received
        | Status::Processing
        | Status::SupplementAsked
        | Status::PaymentAsked
        | Status::Stopped
        | Status::Done
        | Status::Returned => true,
    }
}

fn returned_at(record: &Record) -> Option<Timestamp> {
    let at_desk = record.snapshot.dossier.returned_at.filter(|_| record.status == Status::Returned);
    record.returned_at.or(at_desk)
}

fn submitted(paper: &Document, fields: FieldSet) -> SubmittedPaper {
    let newer = |value: String| (fields == FieldSet::Y2023).then_some(value);
    SubmittedPaper {
        tep_dinh_kem_id: text::normalise(&paper.id),
        ten_tep_dinh_kem: text::cut(&text::normalise(&paper.name), FILE_NAME_LIMIT),
        is_deleted: "False",
        ma_thanh_phan_ho_so: known(paper.part_code.as_deref()),
        duong_dan_tai_tep_tin: known(paper.url.as_deref()),
        duoc_so_hoa: newer(flag(paper.digitised)),
        duoc_tai_su_dung: newer(paper.reused.to_string()),
        duoc_lay_tu_kho_dmqg: newer(flag(paper.from_store)),
        ma_ket_qua_thay_the: newer(String::new()),
    }
}

fn fee_line(fee: &Fee) -> FeeLine {
    FeeLine {
        ten_phi_le_phi: text::normalise(&fee.name),
        ma_phi_le_phi: text::normalise(&fee.code),
        // No source tells the codes of these two; the one public client sends 1 for both.
        hinh_thuc_thu: "1",
        gia: fee.amount.to_string(),
        loai_phi_le_phi: "1",
    }
}

fn supplement_round(round: &Supplement) -> SupplementRound {
    SupplementRound {
        ho_so_bo_sung_id: text::normalise(&round.id),
        nguoi_yeu_cau_bo_sung: known(round.asked_by.as_deref()),
        noi_dung_bo_sung: known(round.text.as_deref()),
        ngay_bo_sung: date(Some(round.asked_at)),
        nguoi_tiep_nhan_bo_sung: String::new(),
        thong_tin_tiep_nhan: String::new(),
        ngay_tiep_nhan_bo_sung: date(round.received_at),
        // Its codes are not public; read as *has it been handed in*.
        trang_thai_bo_sung: if round.received_at.is_some() { "1" } else { "0" },
        danh_sach_giay_to_bo_sung: Vec::new(),
        danh_sach_le_phi_bo_sung: Vec::new(),
        ngay_hen_tra_truoc: date(round.due_before),
        ngay_hen_tra_moi: date(round.due_after),
    }
}

fn result_file(paper: &ResultPaper, fields: FieldSet) -> ResultFile {
    let code = text::normalise(&paper.code);
    ResultFile {
        ten_giay_to: text::cut(&text::normalise(&paper.name), RESULT_NAME_LIMIT),
        ma_thanh_phan_ho_so: known(paper.part_code.as_deref()),
        // The event has one identifier of a result: its code.
        giay_to_id: code.clone(),
        duong_dan_tep_tin_ket_qua: known(paper.url.as_deref()),
        ma_giay_to_ket_qua: (fields == FieldSet::Y2023).then_some(code),
    }
}

/// Twelve digits are a personal identity number (CCCD), nine an old identity card (CMND); a tax code is neither.
fn owner_identity(id_number: &str) -> Option<OwnerIdentity> {
    if !id_number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let loai_dinh_danh = match id_number.len() {
        12 => "1",
        9 => "2",
        _ => return None,
    };
    Some(OwnerIdentity { loai_dinh_danh, so_dinh_danh: id_number.to_owned() })
}

fn kind_of_owner(kind: ApplicantKind) -> &'static str {
    match kind {
        ApplicantKind::Citizen => "1",
        ApplicantKind::Business => "2",
        ApplicantKind::State => "3",
        ApplicantKind::Organisation => "4",
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Direct => "1",
        Channel::Online => "2",
        Channel::Post => "3",
    }
}

pub(crate) fn required(value: &str, field: &str, problems: &mut Vec<Problem>) -> String {
    let value = text::normalise(value);
    if value.is_empty() {
        problems.push(Problem::new(gateway::MISSING_FIELD, field));
    }
    value
}

pub(crate) fn known(value: Option<&str>) -> String {
    value.map(text::normalise).unwrap_or_default()
}

fn list<T, U>(items: Option<&[T]>, translate: impl Fn(&T) -> U) -> Vec<U> {
    items.unwrap_or_default().iter().map(translate).collect()
}

fn flag(value: bool) -> String {
    if value { "1" } else { "0" }.to_owned()
}

/// `yyyyMMddHHmmss` in Việt Nam, without an offset; empty when absent.
pub(crate) fn date(at: Option<Timestamp>) -> String {
    at.map(|at| VIETNAM.to_datetime(at).strftime("%Y%m%d%H%M%S").to_string()).unwrap_or_default()
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
