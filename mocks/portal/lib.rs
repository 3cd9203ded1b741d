//! Plays the National Public Service Portal (Cổng Dịch vụ công quốc gia) in both variants: the agency's own adapter, and a
//! provincial wrapper.
//!
//! One HTTP server. *Direct*: `POST` login, integration and share endpoint; services `DongBoHoSoMC`, `CapNhatTienDoHoSoMC`,
//! `DongBoTrangThaiHoSo` (for dossiers born on the portal, which [`Portal::bear`] names), `TraCuuHoSo`, `LayThuTuc`.
//! *Wrapper*: bare lists of the same items to URLs of their own ([`Wrapper`]), without login. Both write into one store, and
//! everything is read strictly by the tables in this crate ([`RECORD_FIELDS`] and others) and refused with the field and the
//! rule.
//!
//! *Evidenced* (OpenCPS v2, a provincial system of 2023, read 08/2026): the shape of login and envelope, `"True"`/`"False"`,
//! all-strings, success as `"0"`, `"00"` or `0`, "đã tồn tại" under `0`, `3` or `-3`, the empty `result` of a search that
//! finds nothing, at most ten rows per call; of the wrapper, its URLs, texts as codes, and a plain text with "thành công" for
//! rows that were taken; of dossiers born on the portal, the message and the codes 2, 5 and 11. *Assumed*: every other code and sentence, see [`codes`]; sessions that die
//! answer HTTP 200 with a code and the words "Phiên đăng nhập đã hết hạn"; a wrong `dstcode` gives 404 without envelope;
//! a call is written as a whole or not at all; the wrapper's other answers, and which agency it speaks for; that a dossier
//! born on the portal keeps the local number that it was given first.
//!
//! The mock is written from the contract, and shares no type with the gateway.

mod births;
pub mod codes;
mod config;
mod fields;
mod handle;
mod portal;
mod store;
mod wrapper;

pub use births::{Birth, BirthUpdate};
pub use config::{Agency, Config, Dstcode, DstcodePlace, FieldSet, SuccessCode, Wrapper};
pub use fields::{
    BORN_CALL_FIELDS, BORN_FIELDS, DATABASE_FIELDS, FEE_FIELDS, FILE_FIELDS, FILE_FIELDS_2020,
    IDENTITY_FIELDS, LOGIN_FIELDS, LOOK_UP_CALL_FIELDS, OTHER_PAPER_FIELDS, PROCEDURE_CALL_FIELDS,
    PROGRESS_CALL_FIELDS, PROGRESS_FIELDS, RECORD_CALL_FIELDS, RECORD_CALL_FIELDS_2020, RECORD_FIELDS,
    RECORD_FIELDS_2020, RESULT_FIELDS, RESULT_FIELDS_2020, SUPPLEMENT_FIELDS,
};
pub use portal::Portal;
pub use store::{Counts, Dossier, DoubledRow, Row, Version};

/// A portal that runs.
pub type Running = mock_kit::Running<Portal>;

/// Starts portals.
#[derive(Debug)]
pub struct Mock;

impl Mock {
    /// Binds the configured address and serves until shut down.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(config: Config) -> std::io::Result<Running> {
        let options = mock_kit::Options { listen: config.listen, idle: config.idle, tick: None };
        mock_kit::start(Portal::new(config), options).await
    }
}
