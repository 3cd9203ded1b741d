//! What each trouble means for each operation: the one table of the adapters' conformance.
//!
//! A letter for each operation, in the order of [`Operation::ALL`]; the reason stands once in the row unless a cell has
//! its own. `writes`, `reads` and the like appear nowhere: a cell is what the contract and DESIGN §8 say of that call.
//!
//! | letter | meaning |
//! |---|---|
//! | `A` `F` `H` `P` | accepted · found by the look-up · held, says the portal to the comparison · a page of the feed |
//! | `N` `n` | unavailable: they did not take it · the same, and provably nothing was sent |
//! | `U` | uncertain: they may have it |
//! | `R` | rejected |
//! | `B` | blocked: the account stops |
//! | `Q` | the look-up could not be asked |

use super::operation::Operation;
use super::samples::BODY_CAP;
use super::tls::Certificate;
use mock_kit::{Deed, Garble, Stage as ResetAt, Wait};

/// What is wrong with the partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing.
    None,
    /// Nobody listens.
    Down,
    /// The mock does this to every call of the operation.
    Does(Deed),
    /// The mock does this to the first call of the operation.
    DoesOnce(Deed),
    /// The session or token died unnoticed.
    DeadCredential,
    /// The certificate is wrong.
    Shows(Certificate),
}

/// A row of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) trouble: Trouble,
    reason: &'static str,
    cells: &'static str,
    /// What the ledger shows; `{}` is the operation, `{c}` what opens its account.
    calls: String,
    but: Vec<But>,
}

/// A cell that has a reason of its own.
struct But {
    operation: Operation,
    reason: &'static str,
    calls: Option<&'static str>,
}

fn row(name: &'static str, trouble: Trouble, reason: &'static str, cells: &'static str) -> Row {
    let calls = match &trouble {
        Trouble::None => "{}+",
        Trouble::Down | Trouble::Shows(_) => "",
        Trouble::Does(deed) | Trouble::DoesOnce(deed) if deed.takes_effect() => "{}+",
        Trouble::Does(_) | Trouble::DoesOnce(_) | Trouble::DeadCredential => "{}-",
    };
    Row { name, trouble, reason, cells, calls: calls.to_owned(), but: Vec::new() }
}

impl Row {
    fn calls(mut self, calls: &str) -> Self {
        self.calls = calls.to_owned();
        self
    }

    fn but(mut self, operation: Operation, reason: &'static str) -> Self {
        self.but.push(But { operation, reason, calls: None });
        self
    }

    fn but_called(mut self, operation: Operation, reason: &'static str, calls: &'static str) -> Self {
        self.but.push(But { operation, reason, calls: Some(calls) });
        self
    }

    /// The letters, one for each operation.
    pub(super) fn letters(&self) -> Vec<char> {
        self.cells.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    /// What the operation must come to.
    pub(super) fn expected(&self, operation: Operation) -> String {
        let place = Operation::ALL.iter().position(|other| *other == operation).unwrap();
        let own = self.but.iter().find(|but| but.operation == operation);
        let reason = own.map_or(self.reason, |own| own.reason);
        let shown = format!("{}-{reason}", operation.prefix());
        match self.letters()[place] {
            'A' => format!("accepted {shown}"),
            'F' => "found same=true".to_owned(),
            'H' => "held 1 unreadable 0".to_owned(),
            'P' => "rows 1 unreadable 0".to_owned(),
            'N' => format!("unavailable {shown}"),
            'n' => format!("unavailable {shown} unsent"),
            'U' => format!("uncertain {shown}"),
            'R' => format!("rejected {shown}"),
            'B' => format!("blocked {shown}"),
            // A question that was not answered has the reason and nothing else.
            'Q' => format!("could-not-ask {}", shown.split(' ').next().unwrap()),
            other => panic!("{}: {other} is no letter of the table", self.name),
        }
    }

    /// What the ledger must show of the attempt.
    pub(super) fn expected_calls(&self, operation: Operation) -> String {
        let own = self.but.iter().find(|but| but.operation == operation).and_then(|but| but.calls);
        let calls = own.unwrap_or(&self.calls);
        let unread = self.trouble == Trouble::Does(Deed::Reset { stage: ResetAt::BeforeReading });
        let name = if unread { operation.endpoint() } else { operation.name() };
        calls.replace("{}", name).replace("{c}", operation.credential())
    }
}

fn does(name: &'static str, deed: Deed, reason: &'static str, cells: &'static str) -> Row {
    row(name, Trouble::Does(deed), reason, cells)
}

fn status(status: u16, taken: bool) -> Deed {
    Deed::Status { status, body: "lỗi".to_owned(), taken }
}

/// They have it, or say so.
pub(super) fn answers() -> Vec<Row> {
    let garbled = |with| Deed::Garbled { with };
    let ok = "AAAAA FH AAA P";
    let unreadable = "NUUUU QN NUU N";
    let says = |name, with| does(name, garbled(with), "UNREADABLE", unreadable);
    vec![
        row("no trouble", Trouble::None, "OK", ok),
        does("a late answer", Deed::Delay { ms: 100, taken: true }, "OK", ok),
        does("a slow body", Deed::Slow { ms_per_byte: 1 }, "OK", ok),
        does("a slow head and body", Deed::SlowHead { ms_per_byte: 1 }, "OK", ok),
        // A body that can be read is a receipt, whatever a proxy says of its type.
        does("a receipt that calls itself a page", garbled(Garble::OtherType), "OK", ok),
        does("a torn body", Deed::Unreadable, "UNREADABLE", unreadable),
        says("an empty body", Garble::Empty),
        says("a page of HTML as a success", Garble::Html),
        says("null", Garble::Null),
        says("an envelope of nulls", Garble::NullMembers),
        says("somebody else's JSON", Garble::Foreign),
        says("a receipt in UTF-16", Garble::Utf16),
        does("a huge body", Deed::Huge { bytes: BODY_CAP + 1, taken: false }, "UNREADABLE", unreadable),
        does("a huge body, taken", Deed::Huge { bytes: BODY_CAP + 1, taken: true }, "UNREADABLE", unreadable),
        does("a huge head", Deed::HugeHead { bytes: HUGE_HEAD, taken: false }, "UNREADABLE", unreadable),
        does(
            "a huge head, taken",
            Deed::HugeHead { bytes: HUGE_HEAD, taken: true },
            "UNREADABLE",
            unreadable,
        ),
    ]
}

/// More than the HTTP library reads of a head (408 KiB).
const HUGE_HEAD: usize = 512 * 1024;

/// They say no, in a status.
pub(super) fn statuses() -> Vec<Row> {
    let all = "NNNNN QN NNN N";
    let failed = "NUUUU QN NUU N";
    let blocked = "BBBBB QB BBB B";
    let renewed = "{}- {c}+ {}-";
    let too_many = |wait| Deed::TooMany { wait };
    let unavailable = |wait| Deed::Unavailable { wait };
    let huge_page = Deed::Status { status: 500, body: "x".repeat(2 * BODY_CAP), taken: false };
    let refused = |row: Row| {
        row.but_called(Operation::Login, "LOGIN-REFUSED", "{}-")
            .but_called(Operation::Token, "TOKEN-REFUSED", "{}-")
            .calls(renewed)
    };
    let elsewhere = || Deed::Redirect { location: "http://127.0.0.1:1/elsewhere".to_owned() };
    vec![
        does("429 with seconds", too_many(Wait::Seconds(7)), "HTTP-429 wait 7s", all),
        does("429 with a date", too_many(Wait::DateIn(8)), "HTTP-429 wait 8s", all),
        does("429 without a wait", too_many(Wait::None), "HTTP-429", all),
        does("503 with seconds", unavailable(Wait::Seconds(9)), "HTTP-503 wait 9s", all),
        does("503 with a date", unavailable(Wait::DateIn(10)), "HTTP-503 wait 10s", all),
        does("503 without a wait", unavailable(Wait::None), "HTTP-503", all),
        does("500", status(500, false), "HTTP-5XX", failed),
        does("500, taken", status(500, true), "HTTP-5XX", failed),
        does("500 with a huge page", huge_page, "HTTP-5XX", failed),
        does("502", status(502, false), "HTTP-5XX", failed),
        does("502 with a page", Deed::HtmlPage { taken: false }, "HTTP-5XX", failed),
        does("502 with a page, taken", Deed::HtmlPage { taken: true }, "HTTP-5XX", failed),
        does("504", status(504, false), "HTTP-5XX", failed),
        does("504, taken", status(504, true), "HTTP-5XX", failed),
        does("202 for later", status(202, true), "UNREADABLE", failed),
        // A refusal without the partner's envelope may be a proxy's: what became of the call is not known.
        does("400 without an envelope", status(400, false), "UNREADABLE", "NUUUU QN BUU N")
            .but(Operation::Token, "TOKEN-REFUSED"),
        does("408", status(408, false), "UNREADABLE", "NUUUU QN BUU N")
            .but(Operation::Token, "TOKEN-REFUSED"),
        refused(does("401", status(401, false), "HTTP-401", blocked)),
        refused(does("403", status(403, false), "HTTP-403", blocked)),
        does("a redirect", elsewhere(), "HTTP-3XX", blocked),
        does("404 without an envelope", Deed::NotFound, "WRONG-ADDRESS", blocked),
        does("405 without an envelope", status(405, false), "WRONG-ADDRESS", blocked),
    ]
}

/// They say no, in their own words.
pub(super) fn refusals() -> Vec<Row> {
    let refuse = Deed::Refuse { code: "57".to_owned(), message: "Thiếu trường".to_owned() };
    let exists = "BARRR QN NAR N";
    vec![
        // Token and feed have no business codes: an order's envelope is nothing that they can mean.
        does("a business refusal", refuse, "57", "BRRRR QN NRR N")
            .but(Operation::Login, "LOGIN-REFUSED")
            .but(Operation::Token, "UNREADABLE")
            .but(Operation::Feed, "UNREADABLE"),
        row("exists already, once", Trouble::DoesOnce(Deed::AlreadyExists), "3", exists)
            .but(Operation::Login, "LOGIN-REFUSED")
            .but_called(Operation::Create, "OK", "create- update- create+")
            .but(Operation::Token, "UNREADABLE")
            .but(Operation::Order, "101")
            .but(Operation::Cancel, "UNLISTED-101")
            .but(Operation::Feed, "UNREADABLE"),
        // The portal has no status for it: a code that no row knows, said of a dossier.
        does("wrong credentials", Deed::WrongCredentials, "1", "BRRRR QN BBB B")
            .but(Operation::Login, "LOGIN-REFUSED")
            .but(Operation::Token, "TOKEN-REFUSED")
            .but_called(Operation::Order, "HTTP-401", "{}- {c}+ {}-")
            .but_called(Operation::Cancel, "HTTP-401", "{}- {c}+ {}-")
            .but_called(Operation::Feed, "HTTP-401", "{}- {c}+ {}-"),
        row("a session or token that died", Trouble::DeadCredential, "OK", "AAAAA FH AAA P")
            .but_called(Operation::Login, "OK", "{}+")
            .but_called(Operation::Token, "OK", "{}+")
            .calls("{}- {c}+ {}+"),
        does("a session or token that is never taken", Deed::SessionExpired, "SESSION", "BNNNN QN BBB B")
            .but_called(Operation::Login, "LOGIN-REFUSED", "{}-")
            .but_called(Operation::Token, "TOKEN-REFUSED", "{}-")
            .but(Operation::Order, "HTTP-401")
            .but(Operation::Cancel, "HTTP-401")
            .but(Operation::Feed, "HTTP-401")
            .calls("{}- {c}+ {}-"),
    ]
}

/// They say nothing.
pub(super) fn silences() -> Vec<Row> {
    let cells = "NUUUU QN NUU N";
    let no_answer = |name, deed| does(name, deed, "NO-ANSWER", cells);
    vec![
        no_answer("silence", Deed::Silence { taken: false }),
        no_answer("silence, taken", Deed::Silence { taken: true }),
        no_answer("a body beyond the deadline", Deed::Slow { ms_per_byte: 3_000 }),
        no_answer("a head beyond the deadline", Deed::SlowHead { ms_per_byte: 3_000 }),
        no_answer("reset before reading", Deed::Reset { stage: ResetAt::BeforeReading }),
        no_answer("reset before taking", Deed::Reset { stage: ResetAt::BeforeTaking }),
        no_answer("reset after taking", Deed::Reset { stage: ResetAt::AfterTaking }),
    ]
}

/// Nobody can be spoken to.
pub(super) fn connections() -> Vec<Row> {
    let blocked = "BBBBB QB BBB B";
    let shows = |name, certificate| row(name, Trouble::Shows(certificate), "CERTIFICATE", blocked);
    vec![
        row("a refused connection", Trouble::Down, "UNREACHABLE", "nnnnn Qn nnn n"),
        row("a good certificate", Trouble::Shows(Certificate::Good), "OK", "AAAAA FH AAA P").calls("{}+"),
        shows("a certificate that nobody trusts", Certificate::Untrusted),
        shows("a certificate of another host", Certificate::OtherName),
        shows("a certificate whose time is over", Certificate::Expired),
        shows("a wish for our certificate", Certificate::WantsOurs),
    ]
}

/// All rows.
pub(super) fn all() -> Vec<Row> {
    [answers(), statuses(), refusals(), silences(), connections()].into_iter().flatten().collect()
}
