//! A client of the portal that shares nothing with the gateway's, and good messages.

use std::time::Duration;

use mock_kit::{Field, mutations};
use mock_portal::{Config, Mock, Running};
use serde_json::{Value, json};

pub(crate) const CODE: &str = "H11.01.07-220915-0041";
pub(crate) const DESTINATION: &str = "VN:GOV:000.00.00.G22:vpcpdvcprovider";

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    session: String,
}

impl Client {
    pub(crate) async fn new(running: &Running) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let http = builder.no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let base = format!("{}/XrdAdapter/RestService/forward/mapi", running.url());
        let mut client = Self { http, base, session: String::new() };
        client.log_in().await;
        client
    }

    pub(crate) async fn log_in(&mut self) {
        let answer =
            self.post("login", &json!({ "username": "H11.01.07", "password": "mat-khau-thu" })).await;
        assert_eq!(answer["error_code"], 0);
        answer["session"].as_str().unwrap().clone_into(&mut self.session);
    }

    pub(crate) async fn post(&self, endpoint: &str, body: &Value) -> Value {
        let url = format!("{}/{endpoint}", self.base);
        let response = self.http.post(url).header("dstcode", DESTINATION).json(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        #[expect(clippy::disallowed_methods, reason = "the mock's bodies are small")]
        response.json().await.unwrap()
    }

    pub(crate) fn call(&self, service: &str, more: Value) -> Value {
        let mut body = json!({ "session": self.session, "madonvi": "H11.01.07", "service": service });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    pub(crate) async fn write(&self, updating: &str, records: Value) -> Value {
        self.post("g", &self.call("DongBoHoSoMC", json!({ "isUpdating": updating, "data": records }))).await
    }

    pub(crate) async fn append(&self, rows: Value) -> Value {
        self.post("g", &self.call("CapNhatTienDoHoSoMC", json!({ "data": rows }))).await
    }
}

pub(crate) async fn portal(config: Config) -> (Running, Client) {
    let running = Mock::start(config).await.unwrap();
    let client = Client::new(&running).await;
    (running, client)
}

pub(crate) fn record(code: &str, status: &str) -> Value {
    let mut record = record_2020(code, status);
    record["TaiLieuNop"][0].as_object_mut().unwrap().extend(
        json!({ "DuocSoHoa": "1", "DuocTaiSuDung": "0", "DuocLayTuKhoDMQG": "0", "MaKetQuaThayThe": "" })
            .as_object()
            .unwrap()
            .clone(),
    );
    record["DanhSachGiayToKetQua"][0]["MaGiayToKetQua"] = json!("KQ.G15.000051");
    let later = json!({
        "KenhThucHien": "3", "SoGiayToChuHoSo": "999199000124", "NoiNopHoSo": "2", "HoSoCoThanhPhanSoHoa": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "0", "DuocThanhToanTrucTuyen": "0", "NgayTuChoi": "",
        "NgayNopHoSo": "20220913083015",
        "DinhDanhCHS": [{ "LoaiDinhDanh": "1", "SoDinhDanh": "999199000124" }], "DSKetNoiCSDL": [{ "MaCSDL": "DC" }],
    });
    record.as_object_mut().unwrap().extend(later.as_object().unwrap().clone());
    record
}

pub(crate) fn record_2020(code: &str, status: &str) -> Value {
    let fee = json!({ "TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP01", "HinhThucThu": "1", "Gia": "8000", "LoaiPhiLePhi": "1" });
    json!({
        "MaHoSo": code, "MaTTHC": "1.004873", "TenTTHC": "Cấp giấy xác nhận tình trạng hôn nhân",
        "MaLinhVuc": "G15-TP03", "TenLinhVuc": "Hộ tịch", "SoBienNhan": "", "ChuHoSo": "Lò Thị Bưởi",
        "LoaiDoiTuong": "1", "MaDoiTuong": "", "ThongTinKhac": "", "Email": "", "Fax": "",
        "SoDienThoai": "0510000111", "TrichYeuHoSo": "Xác nhận tình trạng hôn nhân",
        "NgayTiepNhan": "20220913083015", "NgayHenTra": "20220916170000", "TrangThaiHoSo": status, "NgayTra": "",
        "ThongTinTra": "", "HinhThuc": "1", "NgayKetThucXuLy": "", "DonViXuLy": "UBND xã Tiến Thành", "GhiChu": "",
        "TaiLieuNop": [{ "TepDinhKemId": "1", "TenTepDinhKem": "to-khai.pdf", "IsDeleted": "False",
                         "MaThanhPhanHoSo": "TP01", "DuongDanTaiTepTin": "https://hoso.example/f/1" }],
        "DanhSachLePhi": [fee],
        "DanhSachTepDinhKemKhac": [{ "TenGiayTo": "Bản sao", "SoLuong": 1, "LoaiGiayTo": 0 }],
        "DanhSachHoSoBoSung": [{
            "HoSoBoSungId": "1", "NguoiYeuCauBoSung": "Hà Văn Mẫu", "NoiDungBoSung": "Bổ sung bản sao",
            "NgayBoSung": "20220914080000", "NguoiTiepNhanBoSung": "", "ThongTinTiepNhan": "", "NgayTiepNhanBoSung": "",
            "TrangThaiBoSung": "0", "DanhSachGiayToBoSung": [{ "TenGiayTo": "Bản sao" }], "DanhSachLePhiBoSung": [fee],
            "NgayHenTraTruoc": "", "NgayHenTraMoi": "" }],
        "DanhSachGiayToKetQua": [{ "TenGiayTo": "Giấy xác nhận", "MaThanhPhanHoSo": "KQ01", "GiayToId": "90213",
                                   "DuongDanTepTinKetQua": "https://hoso.example/f/90213" }],
    })
}

pub(crate) fn row(code: &str, status: &str, text: &str) -> Value {
    json!({ "MaHoSo": code, "NguoiXuLy": "Hà Văn Mẫu", "ChucDanh": "", "ThoiDiemXuLy": "20220913083015",
            "PhongBanXuLy": "Bộ phận Một cửa", "NoiDungXuLy": text, "TrangThai": status, "NgayBatDau": "",
            "NgayKetThucTheoQuyDinh": "" })
}

/// Every mutation of a good call is refused, names its field, and leaves nothing behind.
pub(crate) async fn check_mutations(
    running: &Running,
    client: &Client,
    endpoint: &str,
    table: &[Field],
    good: &Value,
) {
    let before = running.partner().dossiers().len();
    let spoilt = mutations(table, good);
    assert!(spoilt.len() >= table.len() * 3, "{} mutations", spoilt.len());
    for mutation in spoilt {
        let answer = client.post(endpoint, &mutation.message).await;
        let what = format!("{} {}: {answer}", mutation.way, mutation.field);
        assert!(!["0", "00"].iter().any(|code| answer["error_code"] == *code), "{what}");
        assert_ne!(answer["error_code"], 0, "{what}");
        let of_service = mutation.field == "service";
        let name = mutation.field.rsplit('.').next().unwrap();
        let named = answer["message"].as_str().unwrap().to_lowercase().contains(&name.to_lowercase());
        assert!(of_service || named, "{what}");
    }
    assert_eq!(running.partner().dossiers().len(), before);
}
