//! Invented people and places. Names are drawn; phones begin with 0510 and identity numbers with 999, which belong to
//! nobody; hosts end in `.example`. The communes are those of Phan Thiết (district 593, province 60) in 2022.

use crate::chance::Chance;
use crate::event::{Address, Applicant};

const FAMILY: [&str; 8] = ["Lò", "Hà", "Quàng", "Tòng", "Cà", "Lường", "Vàng", "Mùa"];
const MIDDLE: [&str; 6] = ["Thị", "Văn", "Minh", "Thu", "Đức", "Ngọc"];
const GIVEN: [&str; 14] =
    ["Bưởi", "Cam", "Quýt", "Mận", "Đào", "Sen", "Huệ", "Khôi", "Mẫu", "Thử", "Bách", "Tùng", "Trúc", "Mai"];
const STREETS: [&str; 6] =
    ["Lạc Long Quân", "Âu Cơ", "Hòn Giồ", "Thôn Tiến Đức", "Thôn Tiến Hải", "Thôn Tiến Phú"];
const COMMUNES: [&str; 10] =
    ["22966", "22966", "22966", "22966", "22966", "22966", "22963", "22954", "22945", "22924"];

/// The commune's one-stop desk as the post knows it: name and phone.
pub const DESK: (&str, &str) = ("Bộ phận Một cửa xã Tiến Thành", "0510000901");

/// Officers at the desk.
pub(crate) const OFFICER: (&str, &str, &str) =
    ("Hà Văn Mẫu", "Công chức Văn phòng - Thống kê", "Bộ phận Một cửa");
/// The officer who solves.
pub(crate) const SOLVER: (&str, &str, &str) =
    ("Tòng Thị Thử", "Công chức Tư pháp - Hộ tịch", "Tư pháp - Hộ tịch");
/// The post clerk at the desk.
pub(crate) const CLERK: (&str, &str, &str) = ("Quàng Thị Mai", "Nhân viên bưu điện", "Bộ phận Một cửa");

/// A citizen; `number` keeps phones and identity numbers apart.
pub(crate) fn citizen(number: usize, chance: &mut Chance) -> Applicant {
    Applicant {
        kind: "citizen",
        name: name(chance),
        id_number: Some(format!("99919900{number:04}")),
        phone: Some(format!("0510{:06}", 1000 + number)),
        email: chance.percent(20).then(|| format!("cd{number}@thu.example")),
    }
}

/// Where a citizen lives.
pub(crate) fn home(citizen: &Applicant, chance: &mut Chance) -> Address {
    let phone = citizen.phone.clone();
    Address {
        agency_code: None,
        name: citizen.name.clone(),
        // Desks write phones in many ways; the post gets one.
        phone: if chance.percent(10) { phone.map(|phone| spelt(&phone)) } else { phone },
        address: format!("{} {}", chance.between(1, 240), chance.pick(&STREETS)),
        province_code: "60",
        district_code: Some("593"),
        commune_code: chance.pick::<&str>(&COMMUNES),
        note: chance.percent(15).then(|| "Gọi trước khi đến".to_owned()),
    }
}

/// Another receiver: a relative.
pub(crate) fn relative(number: usize, chance: &mut Chance) -> Address {
    let relative =
        Applicant { phone: Some(format!("0510{:06}", 500_000 + number)), ..citizen(number, chance) };
    home(&relative, chance)
}

/// The agency that papers are forwarded to.
pub(crate) fn superior() -> Address {
    Address {
        agency_code: Some("H11.01"),
        name: "Phòng Tư pháp thành phố Phan Thiết".to_owned(),
        phone: Some("0510000950".to_owned()),
        address: "Trung tâm hành chính thành phố".to_owned(),
        province_code: "60",
        district_code: Some("593"),
        commune_code: "22945",
        note: Some("Giao giờ hành chính".to_owned()),
    }
}

fn name(chance: &mut Chance) -> String {
    format!("{} {} {}", chance.pick(&FAMILY), chance.pick(&MIDDLE), chance.pick(&GIVEN))
}

/// `0510001234` as `+84 510 001 234`.
fn spelt(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().skip(1).collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().collect()).collect();
    format!("+84 {}", groups.join(" "))
}
