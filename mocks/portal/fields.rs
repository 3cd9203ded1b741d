//! The portal's field tables.
//!
//! Names, groups and evidenced limits are those of OpenCPS v2 (`DVCQGIntegrationActionImpl.java`,
//! `DVCQGIntegrationActionTerm.java`, read 08/2026) and, for the later fields and the limits of 1000, 50, 2000 and 4000
//! characters, of a provincial system of 2023 (`SyncLocalDataToDVCQGService.cs`, read 08/2026). Every field of the set
//! must be there; an absent date is an empty text. Limits named `ASSUMED_` are bounds of this mock only: no public
//! document states them.

use mock_kit::{Field, Format, join};

/// Bound of codes and identifiers; assumed.
const ASSUMED_CODE: usize = 200;
/// Bound of names and other texts without an evidenced limit; assumed.
const ASSUMED_TEXT: usize = 4000;
/// Bound of nested lists; assumed.
const ASSUMED_ITEMS: usize = 200;
/// Bound of dossiers in one call; assumed (one is advised).
pub(crate) const ASSUMED_DOSSIERS: usize = 100;
/// Rows in one call: the provincial system sends at most ten.
pub(crate) const ROWS_PER_CALL: usize = 10;

const MOMENT: Format = Format::Rule("phải là thời điểm có thật dạng yyyyMMddHHmmss", is_moment);
const URL: Format = Format::Rule("phải là địa chỉ http(s)", is_url);
const DIGITS: Format = Format::Rule("chỉ gồm chữ số", is_digits);
const DOSSIER_CODE: Format = Format::Rule("mã hồ sơ không được chứa khoảng trắng", has_no_space);
const PROCEDURE_CODE: Format = Format::Rule("không phải mã thủ tục quốc gia", is_procedure_code);
const EMAIL: Format = Format::Rule("không phải địa chỉ thư điện tử", is_email);
const IDENTITY: Format = Format::Rule("phải có 9 hoặc 12 chữ số", is_identity);
const STATUS: Format = Format::OneOf(&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
const FLAG: Format = Format::OneOf(&["0", "1"]);
/// The small list of a dossier that was born on the portal: going on, ended without a result, refused.
const BORN_STATUS: Format = Format::OneOf(&["2", "5", "11"]);

const fn code(name: &'static str) -> Field {
    Field::text(name, ASSUMED_CODE)
}

const fn words(name: &'static str) -> Field {
    Field::text(name, ASSUMED_TEXT)
}

const fn moment(name: &'static str) -> Field {
    Field::text(name, 14).format(MOMENT)
}

const fn choice(name: &'static str, format: Format) -> Field {
    Field::text(name, 2).required().format(format)
}

/// Body of a login.
pub const LOGIN_FIELDS: [Field; 2] = [code("username").required(), code("password").required()];

/// What every service call carries.
const ENVELOPE: [Field; 3] =
    [code("session").required(), code("madonvi").required(), code("service").required()];

const FILE_BASE: [Field; 5] = [
    code("TepDinhKemId"),
    Field::text("TenTepDinhKem", 4000),
    Field::text("IsDeleted", 5).required().format(Format::OneOf(&["True", "False"])),
    code("MaThanhPhanHoSo"),
    Field::text("DuongDanTaiTepTin", ASSUMED_TEXT).format(URL),
];
const FILE_LATER: [Field; 4] = [
    choice("DuocSoHoa", FLAG),
    choice("DuocTaiSuDung", Format::OneOf(&["0", "1", "2"])),
    choice("DuocLayTuKhoDMQG", FLAG),
    code("MaKetQuaThayThe"),
];
const RESULT_BASE: [Field; 4] = [
    Field::text("TenGiayTo", 2000),
    code("MaThanhPhanHoSo"),
    code("GiayToId"),
    Field::text("DuongDanTepTinKetQua", ASSUMED_TEXT).format(URL),
];

/// Item of `TaiLieuNop`, 2020.
pub const FILE_FIELDS_2020: [Field; 5] = FILE_BASE;
/// Item of `TaiLieuNop`, 2023.
pub const FILE_FIELDS: [Field; 9] = join(&[&FILE_BASE, &FILE_LATER]);
/// Item of `DanhSachGiayToKetQua`, 2020.
pub const RESULT_FIELDS_2020: [Field; 4] = RESULT_BASE;
/// Item of `DanhSachGiayToKetQua`, 2023.
pub const RESULT_FIELDS: [Field; 5] = join(&[&RESULT_BASE, &[code("MaGiayToKetQua")]]);
/// Item of `DanhSachLePhi`.
pub const FEE_FIELDS: [Field; 5] = [
    words("TenPhiLePhi"),
    code("MaPhiLePhi"),
    code("HinhThucThu"),
    Field::text("Gia", 15).required().format(DIGITS),
    code("LoaiPhiLePhi"),
];
/// Item of `DanhSachTepDinhKemKhac`; the two numbers are integers in the provincial system's model.
pub const OTHER_PAPER_FIELDS: [Field; 3] = [
    Field::text("TenGiayTo", 2000),
    Field::integer("SoLuong", 0, 100_000),
    Field::integer("LoaiGiayTo", 0, 1000),
];
/// Item of `DanhSachHoSoBoSung`; all strings, which is assumed.
pub const SUPPLEMENT_FIELDS: [Field; 12] = [
    code("HoSoBoSungId"),
    words("NguoiYeuCauBoSung"),
    words("NoiDungBoSung"),
    moment("NgayBoSung"),
    words("NguoiTiepNhanBoSung"),
    words("ThongTinTiepNhan"),
    moment("NgayTiepNhanBoSung"),
    code("TrangThaiBoSung"),
    Field::loose("DanhSachGiayToBoSung", ASSUMED_ITEMS),
    Field::list("DanhSachLePhiBoSung", &FEE_FIELDS, ASSUMED_ITEMS),
    moment("NgayHenTraTruoc"),
    moment("NgayHenTraMoi"),
];
/// Item of `DinhDanhCHS`.
pub const IDENTITY_FIELDS: [Field; 2] = [
    choice("LoaiDinhDanh", Format::OneOf(&["1", "2"])),
    Field::text("SoDinhDanh", 12).required().format(IDENTITY),
];
/// Item of `DSKetNoiCSDL`.
pub const DATABASE_FIELDS: [Field; 1] = [code("MaCSDL").required()];

const RECORD_SCALARS: [Field; 23] = [
    code("MaHoSo").required().format(DOSSIER_CODE),
    code("MaTTHC").required().format(PROCEDURE_CODE),
    words("TenTTHC").required(),
    code("MaLinhVuc").required(),
    words("TenLinhVuc").required(),
    code("SoBienNhan"),
    words("ChuHoSo"),
    choice("LoaiDoiTuong", Format::OneOf(&["1", "2", "3", "4"])),
    code("MaDoiTuong"),
    words("ThongTinKhac"),
    Field::text("Email", ASSUMED_CODE).format(EMAIL),
    code("Fax"),
    code("SoDienThoai"),
    Field::text("TrichYeuHoSo", 1000).required(),
    moment("NgayTiepNhan"),
    moment("NgayHenTra"),
    choice("TrangThaiHoSo", STATUS),
    moment("NgayTra"),
    words("ThongTinTra"),
    choice("HinhThuc", FLAG),
    moment("NgayKetThucXuLy"),
    words("DonViXuLy").required(),
    Field::text("GhiChu", 2000),
];
const RECORD_LISTS: [Field; 3] = [
    Field::list("DanhSachLePhi", &FEE_FIELDS, ASSUMED_ITEMS),
    Field::list("DanhSachTepDinhKemKhac", &OTHER_PAPER_FIELDS, ASSUMED_ITEMS),
    Field::list("DanhSachHoSoBoSung", &SUPPLEMENT_FIELDS, ASSUMED_ITEMS),
];
const RECORD_LATER: [Field; 10] = [
    choice("KenhThucHien", Format::OneOf(&["1", "2", "3"])),
    code("SoGiayToChuHoSo"),
    choice("NoiNopHoSo", Format::OneOf(&["1", "2"])),
    choice("HoSoCoThanhPhanSoHoa", FLAG),
    choice("TaiKhoanDuocXacThucVoiVNeID", FLAG),
    choice("DuocThanhToanTrucTuyen", Format::OneOf(&["0", "1", "2", "3"])),
    moment("NgayTuChoi"),
    moment("NgayNopHoSo"),
    Field::list("DinhDanhCHS", &IDENTITY_FIELDS, ASSUMED_ITEMS),
    Field::list("DSKetNoiCSDL", &DATABASE_FIELDS, ASSUMED_ITEMS),
];

/// Item of `DongBoHoSoMC`, field set of 2019 to 2021.
pub const RECORD_FIELDS_2020: [Field; 28] = join(&[
    &RECORD_SCALARS,
    &RECORD_LISTS,
    &[
        Field::list("TaiLieuNop", &FILE_FIELDS_2020, ASSUMED_ITEMS),
        Field::list("DanhSachGiayToKetQua", &RESULT_FIELDS_2020, ASSUMED_ITEMS),
    ],
]);
/// Item of `DongBoHoSoMC`, field set of 2023.
pub const RECORD_FIELDS: [Field; 38] = join(&[
    &RECORD_SCALARS,
    &RECORD_LISTS,
    &[
        Field::list("TaiLieuNop", &FILE_FIELDS, ASSUMED_ITEMS),
        Field::list("DanhSachGiayToKetQua", &RESULT_FIELDS, ASSUMED_ITEMS),
    ],
    &RECORD_LATER,
]);
/// Item of `CapNhatTienDoHoSoMC`.
pub const PROGRESS_FIELDS: [Field; 9] = [
    code("MaHoSo").required().format(DOSSIER_CODE),
    Field::text("NguoiXuLy", 50).required(),
    words("ChucDanh"),
    moment("ThoiDiemXuLy").required(),
    words("PhongBanXuLy"),
    words("NoiDungXuLy").required(),
    choice("TrangThai", STATUS),
    moment("NgayBatDau"),
    moment("NgayKetThucTheoQuyDinh"),
];

/// `data` of `DongBoTrangThaiHoSo`; the members of `TaiLieuXuLy` items are not public.
pub const BORN_FIELDS: [Field; 7] = [
    code("MaHoSo").required().format(DOSSIER_CODE),
    code("MaHoSoDonVi").required().format(DOSSIER_CODE),
    code("MaDoiTuong"),
    words("NoiDung").required(),
    moment("NgayXuLy").required(),
    choice("TrangThai", BORN_STATUS),
    Field::loose("TaiLieuXuLy", ASSUMED_ITEMS),
];

const IS_UPDATING: Field = Field::text("isUpdating", 5).required().format(Format::OneOf(&["True", "False"]));

/// Body of `DongBoHoSoMC`, field set of 2019 to 2021.
pub const RECORD_CALL_FIELDS_2020: [Field; 5] =
    join(&[&ENVELOPE, &[IS_UPDATING, Field::list("data", &RECORD_FIELDS_2020, ASSUMED_DOSSIERS).required()]]);
/// Body of `DongBoHoSoMC`, field set of 2023.
pub const RECORD_CALL_FIELDS: [Field; 5] =
    join(&[&ENVELOPE, &[IS_UPDATING, Field::list("data", &RECORD_FIELDS, ASSUMED_DOSSIERS).required()]]);
/// Body of `CapNhatTienDoHoSoMC`.
pub const PROGRESS_CALL_FIELDS: [Field; 4] =
    join(&[&ENVELOPE, &[Field::list("data", &PROGRESS_FIELDS, ROWS_PER_CALL).required()]]);
/// Body of `DongBoTrangThaiHoSo`.
pub const BORN_CALL_FIELDS: [Field; 5] =
    join(&[&ENVELOPE, &[choice("type", Format::OneOf(&["2"])), Field::object("data", &BORN_FIELDS)]]);
/// Body of `TraCuuHoSo`.
pub const LOOK_UP_CALL_FIELDS: [Field; 4] =
    join(&[&ENVELOPE, &[code("mahoso").required().format(DOSSIER_CODE)]]);
/// Body of `LayThuTuc`.
pub const PROCEDURE_CALL_FIELDS: [Field; 4] =
    join(&[&ENVELOPE, &[code("maTTHC").required().format(PROCEDURE_CODE)]]);

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identity(text: &str) -> bool {
    is_digits(text) && matches!(text.len(), 9 | 12)
}

fn is_url(text: &str) -> bool {
    text.strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .is_some_and(|rest| !rest.is_empty())
        && has_no_space(text)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
        && has_no_space(text)
}

fn has_no_space(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

/// `1.001193`, `1.000094.000.00.00.H56` or `2.002621.H56`.
fn is_procedure_code(text: &str) -> bool {
    let mut parts = text.split('.');
    let (group, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let tail_is_sound =
        parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    group.len() == 1 && is_digits(group) && number.len() == 6 && is_digits(number) && tail_is_sound
}

/// Whether the text is `yyyyMMddHHmmss` and names a moment that the calendar has.
fn is_moment(text: &str) -> bool {
    let digits: Vec<i8> =
        text.bytes().filter(u8::is_ascii_digit).filter_map(|byte| i8::try_from(byte - b'0').ok()).collect();
    if text.len() != 14 || digits.len() != 14 {
        return false;
    }
    let pair = |index: usize| digits.iter().skip(index).take(2).fold(0_i8, |sum, digit| sum * 10 + digit);
    let year = i16::from(pair(0)) * 100 + i16::from(pair(2));
    (1900..=2100).contains(&year)
        && jiff::civil::DateTime::new(year, pair(4), pair(6), pair(8), pair(10), pair(12), 0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_fields_as_the_contract() {
        let check = |table: &[Field], expected: usize, reference: &str| {
            assert_eq!(table.len(), expected, "{reference}");
            let mut names: Vec<_> = table.iter().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), expected, "{reference}: a name stands twice");
        };
        check(&LOGIN_FIELDS, 2, "portal contract 2.4");
        check(&RECORD_FIELDS_2020, 28, "portal contract 3.1: 23 texts and 5 lists");
        check(&RECORD_FIELDS, 38, "portal contract 3.1 and 3.2: 28 and 10 later ones");
        check(&FILE_FIELDS_2020, 5, "portal contract 3.3, TaiLieuNop");
        check(&FILE_FIELDS, 9, "portal contract 3.3, TaiLieuNop with the later four");
        check(&FEE_FIELDS, 5, "portal contract 3.3, DanhSachLePhi");
        check(&OTHER_PAPER_FIELDS, 3, "portal contract 3.3, DanhSachTepDinhKemKhac");
        check(&SUPPLEMENT_FIELDS, 12, "portal contract 3.3, DanhSachHoSoBoSung");
        check(&RESULT_FIELDS_2020, 4, "portal contract 3.3, DanhSachGiayToKetQua");
        check(&RESULT_FIELDS, 5, "portal contract 3.3, DanhSachGiayToKetQua with the later one");
        check(&IDENTITY_FIELDS, 2, "portal contract 3.2, DinhDanhCHS");
        check(&DATABASE_FIELDS, 1, "portal contract 3.2, DSKetNoiCSDL");
        check(&PROGRESS_FIELDS, 9, "portal contract 4");
        check(&RECORD_CALL_FIELDS, 5, "portal contract 2.5 and 2.6, DongBoHoSoMC");
        check(&PROGRESS_CALL_FIELDS, 4, "portal contract 2.5 and 2.6, CapNhatTienDoHoSoMC");
        check(&BORN_FIELDS, 7, "portal contract 6.2");
        check(&BORN_CALL_FIELDS, 5, "portal contract 6.2");
        check(&LOOK_UP_CALL_FIELDS, 4, "portal contract 6.1");
        check(&PROCEDURE_CALL_FIELDS, 4, "portal contract 2.6, LayThuTuc");
    }

    #[test]
    fn a_code_is_judged_by_its_shape() {
        let check =
            |fits: fn(&str) -> bool, text: &str, expected: bool| assert_eq!(fits(text), expected, "{text}");
        check(is_moment, "20261102083015", true);
        check(is_moment, "20240229000000", true);
        check(is_moment, "20230229000000", false);
        check(is_moment, "20261302083015", false);
        check(is_moment, "20261102246000", false);
        check(is_moment, "2026110208301", false);
        check(is_moment, "202611020830150", false);
        check(is_moment, "2026-11-02T08:", false);
        check(is_moment, "02112026083015", false);
        check(is_procedure_code, "1.001193", true);
        check(is_procedure_code, "1.000094.000.00.00.H56", true);
        check(is_procedure_code, "2.002621.H56", true);
        check(is_procedure_code, "KS01", false);
        check(is_procedure_code, "1.1193", false);
        check(is_procedure_code, "1.001193.", false);
        check(is_identity, "999199000123", true);
        check(is_identity, "99919900012", false);
        check(is_url, "https://hoso.example/f/1", true);
        check(is_url, "ftp://hoso.example", false);
        check(is_email, "mc@hoso.example", true);
        check(is_email, "mc", false);
    }
}
