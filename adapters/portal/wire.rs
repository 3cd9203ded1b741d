//! The portal's own dossiers and rows, spelt as the portal spells them: the same at every interface.
//!
//! JSON over POST. All scalars are strings, numbers and booleans included; an absent value is the empty string, not
//! null and not a missing key. Field names follow no rule (PascalCase when written, lower or camel case in look-ups,
//! upper case in answers), so each is written out where the rule of the type does not give it. Only this crate's
//! `translate` fills these types and only clients read answers; nothing of the portal's spelling leaves this folder.
//!
//! Sources: OpenCPS v2, DVCQGIntegrationActionImpl.java and DVCQGIntegrationActionTerm.java (base fields);
//! DichVuCong_KhoaLuan_PASETO, ISyncLocalDataToDVCQGService.cs (fields since 2023); both read 08/2026.

use serde::Serialize;
use serde_json::Value;

/// One dossier of `DongBoHoSoMC`. The fields that are `None` belong to a newer field set than the configured one.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Item {
    pub(crate) ma_ho_so: String,
    #[serde(rename = "MaTTHC")]
    pub(crate) ma_tthc: String,
    #[serde(rename = "TenTTHC")]
    pub(crate) ten_tthc: String,
    pub(crate) ma_linh_vuc: String,
    pub(crate) ten_linh_vuc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kenh_thuc_hien: Option<String>,
    pub(crate) so_bien_nhan: String,
    pub(crate) chu_ho_so: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) so_giay_to_chu_ho_so: Option<String>,
    pub(crate) loai_doi_tuong: String,
    pub(crate) ma_doi_tuong: String,
    pub(crate) thong_tin_khac: String,
    pub(crate) email: String,
    pub(crate) fax: String,
    pub(crate) so_dien_thoai: String,
    pub(crate) trich_yeu_ho_so: String,
    pub(crate) ngay_tiep_nhan: String,
    pub(crate) ngay_hen_tra: String,
    pub(crate) trang_thai_ho_so: String,
    pub(crate) ngay_tra: String,
    pub(crate) thong_tin_tra: String,
    pub(crate) hinh_thuc: String,
    pub(crate) ngay_ket_thuc_xu_ly: String,
    pub(crate) don_vi_xu_ly: String,
    pub(crate) ghi_chu: String,
    pub(crate) tai_lieu_nop: Vec<SubmittedPaper>,
    pub(crate) danh_sach_le_phi: Vec<FeeLine>,
    pub(crate) danh_sach_tep_dinh_kem_khac: Vec<OtherPaper>,
    pub(crate) danh_sach_ho_so_bo_sung: Vec<SupplementRound>,
    pub(crate) danh_sach_giay_to_ket_qua: Vec<ResultFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) noi_nop_ho_so: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ho_so_co_thanh_phan_so_hoa: Option<String>,
    #[serde(rename = "TaiKhoanDuocXacThucVoiVNeID", skip_serializing_if = "Option::is_none")]
    pub(crate) tai_khoan_duoc_xac_thuc_voi_vneid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duoc_thanh_toan_truc_tuyen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ngay_tu_choi: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ngay_nop_ho_so: Option<String>,
    #[serde(rename = "DinhDanhCHS", skip_serializing_if = "Option::is_none")]
    pub(crate) dinh_danh_chs: Option<Vec<OwnerIdentity>>,
    #[serde(rename = "DSKetNoiCSDL", skip_serializing_if = "Option::is_none")]
    pub(crate) ds_ket_noi_csdl: Option<Vec<DatabaseUsed>>,
}

/// An item of `TaiLieuNop`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SubmittedPaper {
    pub(crate) tep_dinh_kem_id: String,
    pub(crate) ten_tep_dinh_kem: String,
    pub(crate) is_deleted: &'static str,
    pub(crate) ma_thanh_phan_ho_so: String,
    pub(crate) duong_dan_tai_tep_tin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duoc_so_hoa: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duoc_tai_su_dung: Option<String>,
    #[serde(rename = "DuocLayTuKhoDMQG", skip_serializing_if = "Option::is_none")]
    pub(crate) duoc_lay_tu_kho_dmqg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ma_ket_qua_thay_the: Option<String>,
}

/// An item of `DanhSachLePhi`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FeeLine {
    pub(crate) ten_phi_le_phi: String,
    pub(crate) ma_phi_le_phi: String,
    pub(crate) hinh_thuc_thu: &'static str,
    pub(crate) gia: String,
    pub(crate) loai_phi_le_phi: &'static str,
}

/// An item of `DanhSachTepDinhKemKhac`; events hold nothing that belongs there, so the list is always empty.
#[derive(Debug, Serialize)]
pub(crate) enum OtherPaper {}

/// An item of `DanhSachHoSoBoSung`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SupplementRound {
    pub(crate) ho_so_bo_sung_id: String,
    pub(crate) nguoi_yeu_cau_bo_sung: String,
    pub(crate) noi_dung_bo_sung: String,
    pub(crate) ngay_bo_sung: String,
    pub(crate) nguoi_tiep_nhan_bo_sung: String,
    pub(crate) thong_tin_tiep_nhan: String,
    pub(crate) ngay_tiep_nhan_bo_sung: String,
    pub(crate) trang_thai_bo_sung: &'static str,
    pub(crate) danh_sach_giay_to_bo_sung: Vec<OtherPaper>,
    pub(crate) danh_sach_le_phi_bo_sung: Vec<FeeLine>,
    pub(crate) ngay_hen_tra_truoc: String,
    pub(crate) ngay_hen_tra_moi: String,
}

/// An item of `DanhSachGiayToKetQua`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResultFile {
    pub(crate) ten_giay_to: String,
    pub(crate) ma_thanh_phan_ho_so: String,
    pub(crate) giay_to_id: String,
    pub(crate) duong_dan_tep_tin_ket_qua: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ma_giay_to_ket_qua: Option<String>,
}

/// An item of `DinhDanhCHS`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OwnerIdentity {
    pub(crate) loai_dinh_danh: &'static str,
    pub(crate) so_dinh_danh: String,
}

/// An item of `DSKetNoiCSDL`; events do not tell which databases were used, so the list is always empty.
#[derive(Debug, Serialize)]
pub(crate) enum DatabaseUsed {}

/// One row of `CapNhatTienDoHoSoMC`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProgressRow {
    pub(crate) ma_ho_so: String,
    pub(crate) nguoi_xu_ly: String,
    pub(crate) chuc_danh: String,
    pub(crate) thoi_diem_xu_ly: String,
    pub(crate) phong_ban_xu_ly: String,
    pub(crate) noi_dung_xu_ly: String,
    pub(crate) trang_thai: String,
    pub(crate) ngay_bat_dau: String,
    pub(crate) ngay_ket_thuc_theo_quy_dinh: String,
}

/// What an answer says, as far as it can be read.
#[derive(Debug)]
pub(crate) struct Reply {
    /// `error_code` as text, whether it came as string or number.
    pub(crate) code: String,
    /// `message`; empty when there is none.
    pub(crate) message: String,
    body: Value,
}

impl Reply {
    /// Reads an answer; `None` when it is no envelope: not JSON, no object, or without a usable `error_code`.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let fields = body.as_object()?;
        let code = match fields.get("error_code")? {
            Value::String(code) => code.trim().to_owned(),
            Value::Number(code) => code.as_i64()?.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        let message = fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
        (!code.is_empty()).then_some(Self { code, message, body })
    }

    /// The session of a login's answer.
    pub(crate) fn session(&self) -> Option<&str> {
        self.body.get("session").and_then(Value::as_str).filter(|session| !session.trim().is_empty())
    }

    /// The rows of a look-up's answer; `None` when there is no list.
    pub(crate) fn found(&self) -> Option<&[Value]> {
        match self.body.get("result")? {
            Value::Array(rows) => Some(rows),
            Value::Null => Some(&[]),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_string_or_number() {
        fn check(body: &str, expected: Option<&str>) {
            assert_eq!(Reply::read(body.as_bytes()).map(|reply| reply.code).as_deref(), expected, "{body}");
        }
        check(r#"{"error_code":0}"#, Some("0"));
        check(r#"{"error_code":"0"}"#, Some("0"));
        check(r#"{"error_code":" 00 "}"#, Some("00"));
        check(r#"{"error_code":-3}"#, Some("-3"));
        check(r#"{"error_code":"E_SYS"}"#, Some("E_SYS"));
        check(r#"{"error_code":""}"#, None);
        check(r#"{"error_code":null}"#, None);
        check(r#"{"error_code":false}"#, None);
        check(r#"{"error_code":0.5}"#, None);
        check(r#"{"message":"thành công"}"#, None);
        check("{}", None);
        check(r#"[{"error_code":0}]"#, None);
        check("<html>502</html>", None);
        check("", None);
    }
}
