//! The portal's side of the table: the fields of the last record that tell a dossier's life.

use crate::calendar::At;
use crate::event::Data;
use std::collections::BTreeMap;

/// The portal's code of a procedure: national, the province's suffix cut off; `None` for what nobody mapped.
pub(super) fn national(code: &str) -> Option<String> {
    let mut parts = code.split('.');
    let (group, number) = (parts.next()?, parts.next()?);
    let digits = |part: &str, count| part.len() == count && part.chars().all(|char| char.is_ascii_digit());
    (digits(group, 1) && digits(number, 6)).then(|| format!("{group}.{number}"))
}

/// Texts by their value, lists by their length.
pub(super) fn record(
    data: &Data,
    procedure: String,
    status: u8,
    returned_at: Option<At>,
) -> BTreeMap<&'static str, String> {
    let dossier = &data.dossier;
    let time = |at: Option<At>| at.map(At::compact).unwrap_or_default();
    let length = |length: Option<usize>| length.unwrap_or_default().to_string();
    let channel = match dossier.channel {
        "online" => "2",
        "post" => "3",
        _ => "1",
    };
    BTreeMap::from([
        ("MaTTHC", procedure),
        ("TenTTHC", dossier.procedure_name.to_owned()),
        ("KenhThucHien", channel.to_owned()),
        ("ChuHoSo", data.applicant.name.clone()),
        ("SoGiayToChuHoSo", data.applicant.id_number.clone().unwrap_or_default()),
        ("LoaiDoiTuong", "1".to_owned()),
        ("TrichYeuHoSo", dossier.subject.clone()),
        ("TrangThaiHoSo", status.to_string()),
        ("HinhThuc", u8::from(dossier.return_by_post).to_string()),
        ("NgayTiepNhan", time(dossier.received_at)),
        ("NgayHenTra", time(dossier.due_at)),
        ("NgayKetThucXuLy", time(dossier.finished_at)),
        ("NgayTra", time(returned_at)),
        ("DonViXuLy", data.agency.name.to_owned()),
        ("TaiLieuNop", length(dossier.documents.as_ref().map(Vec::len))),
        ("DanhSachGiayToKetQua", length(dossier.results.as_ref().map(Vec::len))),
        ("DanhSachHoSoBoSung", length(dossier.supplements.as_ref().map(Vec::len))),
        ("DanhSachLePhi", length(data.fees.as_ref().map(Vec::len))),
    ])
}
