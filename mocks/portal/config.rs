//! What the portal can be told to be.

use std::net::SocketAddr;
use std::time::Duration;

/// The mock's switches.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// Path of the login.
    pub login_path: String,
    /// Path of the services that write.
    pub integration_path: String,
    /// Path of the services that read.
    pub share_path: String,
    /// The provincial wrapper, which stands beside.
    pub wrapper: Wrapper,
    /// The destination that every request to the adapter must name.
    pub dstcode: Dstcode,
    /// Who may log in.
    pub agencies: Vec<Agency>,
    /// Life of a session; ten minutes is what public clients assume.
    pub session_life: Duration,
    /// Which fields a record has.
    pub field_set: FieldSet,
    /// `error_code` of a create that meets its dossier: `3`, `-3` and `0` occur.
    pub exists_code: String,
    /// How success is written.
    pub success: SuccessCode,
}

/// The provincial wrapper (variant B): no login, bare lists, a URL for each call or one for the two that write records.
#[derive(Debug, Clone)]
pub struct Wrapper {
    /// Path of new records.
    pub add_path: String,
    /// Path of changed records.
    pub update_path: String,
    /// Path of progress rows.
    pub progress_path: String,
    /// Path of records, new or changed, with `MaDinhDanhDV` and `isUpdating` in the query.
    pub one_path: String,
    /// Agency for which the wrapper logs in where a URL names none.
    pub agency: String,
    /// Whether a refusal of progress rows says "không thành công", which has "thành công" in it.
    pub says_unsuccessful: bool,
    /// Whether the text that answers progress rows is a JSON string.
    pub quotes_text: bool,
}

/// One account of the portal.
#[derive(Debug, Clone)]
pub struct Agency {
    /// Agency identifier (`madonvi`).
    pub code: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// The X-Road destination.
#[derive(Debug, Clone)]
pub struct Dstcode {
    /// Where it has to stand.
    pub place: DstcodePlace,
    /// What it has to be.
    pub value: String,
}

/// Where the destination has to stand; both are seen in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DstcodePlace {
    /// In a header.
    Header,
    /// In the query.
    Query,
    /// In a header or in the query.
    Either,
    /// Nowhere.
    Off,
}

/// Which fields a record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FieldSet {
    /// Fields of 2019 to 2021.
    #[value(name = "2020")]
    Set2020,
    /// With the fields seen since 2023.
    #[value(name = "2023")]
    Set2023,
}

/// How success is written in `error_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SuccessCode {
    /// `"0"`.
    #[value(name = "0")]
    Text,
    /// `"00"`.
    #[value(name = "00")]
    TwoZeros,
    /// `0`.
    #[value(name = "number")]
    Number,
}

impl Agency {
    /// An agency that logs in under its own code.
    #[must_use]
    pub fn new(code: &str, username: &str, password: &str) -> Self {
        Self { code: code.to_owned(), username: username.to_owned(), password: password.to_owned() }
    }
}

impl Default for Wrapper {
    fn default() -> Self {
        let path = |call: &str| format!("/KetNoiMotCuaQuocGia/{call}");
        Self {
            add_path: path("ThemMoi"),
            update_path: path("CapNhat"),
            progress_path: path("DongBoTienTrinh"),
            one_path: "/SynsTTHCC/DongBoHoSoMC".to_owned(),
            agency: "H11.01.07".to_owned(),
            says_unsuccessful: false,
            quotes_text: false,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        let path = |service: &str| format!("/XrdAdapter/RestService/forward/mapi/{service}");
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            idle: None,
            login_path: path("login"),
            integration_path: path("g"),
            share_path: path("s"),
            wrapper: Wrapper::default(),
            dstcode: Dstcode {
                place: DstcodePlace::Either,
                value: "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned(),
            },
            agencies: vec![Agency::new("H11.01.07", "H11.01.07", "mat-khau-thu")],
            session_life: Duration::from_secs(600),
            field_set: FieldSet::Set2023,
            exists_code: "3".to_owned(),
            success: SuccessCode::Text,
        }
    }
}
