//! The configuration of a world: the real files' form, loopback addresses, short waits.

use super::{AGENCY, AGENCY_2};
use std::path::{Path, PathBuf};

/// Accounts of Tiến Thành and of its neighbour.
pub(crate) const PORTAL_ACCOUNT: &str = "portal-tien-thanh";
pub(crate) const PORTAL_ACCOUNT_2: &str = "portal-tien-loi";
pub(crate) const POST_ACCOUNT: &str = "post-tien-thanh";
pub(crate) const POST_ACCOUNT_2: &str = "post-tien-loi";
/// Where the system of Tiến Thành is told, when it is told anything.
pub(crate) const COMMUNE_ACCOUNT: &str = "commune-tien-thanh";

/// What the gateway is told to log in with; invented.
pub(crate) struct Secrets;

impl Secrets {
    pub(crate) const PORTAL: &str = "cong-bi-mat-7301";
    pub(crate) const PORTAL_2: &str = "cong-bi-mat-7302";
    pub(crate) const POST_KEY: &str = "khach-hang-7303";
    pub(crate) const POST: &str = "buu-bi-mat-7304";
    pub(crate) const POST_KEY_2: &str = "khach-hang-7305";
    pub(crate) const POST_2: &str = "buu-bi-mat-7306";
}

/// How a world differs from the usual one.
#[derive(Clone)]
pub(crate) struct Options {
    /// Whether the post refuses a number that it has; the gateway is told the truth.
    pub(crate) number_unique: bool,
    /// Whether the post's feed says nothing before collection.
    pub(crate) feed_silent: bool,
    /// `mode = "observe"`.
    pub(crate) observe: bool,
    /// Filter of the log.
    pub(crate) log_filter: &'static str,
    /// How long the gateway waits for an answer.
    pub(crate) deadline: &'static str,
    /// How long a shutdown may take.
    pub(crate) grace: &'static str,
    /// Age at which an uncertain order goes to a person.
    pub(crate) uncertain_limit: &'static str,
    /// Attempts at most.
    pub(crate) attempts: u32,
    /// Attempts under way at once, an account.
    pub(crate) concurrency: u32,
    /// First wait of a breaker, and its longest.
    pub(crate) breaker_waits: (&'static str, &'static str),
    /// More lines of an account.
    pub(crate) account: &'static str,
    /// How long a dead progress row holds those behind it.
    pub(crate) dead_row_holds: &'static str,
    /// Whether the neighbour's passwords are wrong.
    pub(crate) neighbour_is_locked_out: bool,
    /// Lines of `[watch]`.
    pub(crate) watch: &'static str,
    /// Another address of the broker than its own.
    pub(crate) broker: Option<String>,
    /// AMQP heartbeat.
    pub(crate) heartbeat: &'static str,
    /// Whether the gateway declares exchange, queue and bindings.
    pub(crate) declare: bool,
    /// Binding keys of its queue.
    pub(crate) bindings: &'static str,
    /// Whether the system of Tiến Thành is told what became of its dossiers.
    pub(crate) told: bool,
    /// Rows of the post's feed that are asked for at once.
    pub(crate) feed_page_size: u16,
    /// Whether the system of Tiến Thành publishes OpenCPS's dossiers too.
    pub(crate) opencps: bool,
    /// Address of the BCCI service that Tiến Thành orders at, instead of NGSP.
    pub(crate) bcci: Option<String>,
    /// Whether the portal is reached through the province's wrapper.
    pub(crate) wrapper: bool,
    /// More lines of the portal's accounts.
    pub(crate) portal_lines: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            number_unique: false,
            feed_silent: false,
            observe: false,
            log_filter: "info",
            deadline: "2s",
            grace: "5s",
            uncertain_limit: "10m",
            attempts: 200,
            concurrency: 32,
            breaker_waits: ("200ms", "1s"),
            account: "",
            dead_row_holds: "1h",
            neighbour_is_locked_out: false,
            watch: "",
            broker: None,
            heartbeat: "30s",
            declare: true,
            bindings: "#",
            told: false,
            wrapper: false,
            portal_lines: "",
            feed_page_size: 500,
            opencps: false,
            bcci: None,
        }
    }
}

/// Where the partners are.
pub(super) struct Addresses {
    pub(super) broker: String,
    pub(super) portal: String,
    pub(super) post: String,
}

/// Writes the configuration with its tables and secrets into a folder.
pub(super) fn write(folder: &Path, options: &Options, at: &Addresses) {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tables");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let secret = |name: &str, text: &str| {
        write(name, text);
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.join(name), owner_only).unwrap();
    };
    let wrong = |good: &'static str| if options.neighbour_is_locked_out { "sai-7399" } else { good };
    secret("broker", &at.broker);
    secret("commune", &at.broker);
    secret("portal", Secrets::PORTAL);
    secret("portal-2", wrong(Secrets::PORTAL_2));
    secret("post", Secrets::POST);
    secret("post-2", wrong(Secrets::POST_2));
    write("agencies.toml", &agencies(options.told));
    write("calendar.csv", "day,until,kind,name\n");
    write("gateway.toml", &gateway(options, at, &tables));
}

/// A configuration whose partners are nowhere; gives the path of its file.
pub(crate) fn configuration(folder: &Path) -> PathBuf {
    let nowhere = |scheme: &str| format!("{scheme}://127.0.0.1:1");
    let at = Addresses { broker: nowhere("amqp"), portal: nowhere("http"), post: nowhere("http") };
    write(folder, &Options::default(), &at);
    folder.join("gateway.toml")
}

fn gateway(options: &Options, at: &Addresses, tables: &Path) -> String {
    let Options { grace, log_filter, dead_row_holds, watch, heartbeat, declare, bindings, .. } = options;
    let mode = if options.observe { "observe" } else { "live" };
    let tables = tables.display();
    let sources: String = [AGENCY, AGENCY_2]
        .map(|agency| {
            format!(
                "[[sources]]\nsource = \"urn:lienthong:commune:{agency}\"\nagencies = [\"{agency}\"]\ngap_hold = \"2s\"\n"
            )
        })
        .concat();
    let site = format!(
        "[[sources]]\nsource = \"urn:lienthong:opencps:H11\"\nagencies = [\"{AGENCY}\"]\ndialect = \"opencps\"\n"
    );
    let sources = if options.opencps { sources + &site } else { sources };
    let portals = portal(options, at, PORTAL_ACCOUNT, AGENCY, "portal")
        + &portal(options, at, PORTAL_ACCOUNT_2, AGENCY_2, "portal-2");
    let posts = match &options.bcci {
        Some(address) => bcci(options, address),
        None => post(options, at, POST_ACCOUNT, "LC_XA_TIENTHANH", Secrets::POST_KEY, "post"),
    };
    let posts = posts + &post(options, at, POST_ACCOUNT_2, "LC_XA_TIENLOI", Secrets::POST_KEY_2, "post-2");
    let communes = if options.told { commune(options) } else { String::new() };
    format!(
        r#"mode = "{mode}"
grace = "{grace}"

[broker]
url = {{ file = "broker" }}
reconnect_first = "100ms"
reconnect_longest = "500ms"
heartbeat = "{heartbeat}"
declare = {declare}
bindings = ["{bindings}"]

[journal]
path = "journal.db"
disk_floor = "1MiB"
commit_limit = "60s"

[admin]
listen = "127.0.0.1:0"

[log]
filter = "{log_filter}"

[tables]
agencies = "agencies.toml"
procedures = "{tables}/procedures.csv"
units = "{tables}/units.csv"
post_areas = "{tables}/post-areas.csv"
calendar = "calendar.csv"
dead_row_holds = "{dead_row_holds}"

[calendar]
hours = ["00:00-23:59:59.999"]
week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[watch]
every = "200ms"
{watch}

{sources}{portals}{posts}{communes}"#
    )
}

/// What both interfaces are told alike.
fn account(options: &Options) -> String {
    let Options { concurrency, deadline, attempts, account, breaker_waits: (first, longest), .. } = options;
    format!(
        r#"concurrency = {concurrency}
rate = 10000
deadline = "{deadline}"
connect_deadline = "1s"
schedule = {{ waits = ["100ms", "300ms", "1s"], longest_wait = "2s", attempts = {attempts}, age = "10m" }}
breaker = {{ first_wait = "{first}", longest_wait = "{longest}" }}
{account}
"#
    )
}

fn portal(options: &Options, at: &Addresses, name: &str, agency: &str, secret: &str) -> String {
    let (address, account, lines) = (&at.portal, account(options), options.portal_lines);
    if options.wrapper {
        return format!(
            r#"[accounts.{name}]
interface = "portal-wrapper"
create_url = "{address}/KetNoiMotCuaQuocGia/ThemMoi"
update_url = "{address}/KetNoiMotCuaQuocGia/CapNhat"
progress_url = "{address}/KetNoiMotCuaQuocGia/DongBoTienTrinh"
{account}
"#
        );
    }
    format!(
        r#"[accounts.{name}]
interface = "portal-adapter"
adapter_url = "{address}/XrdAdapter/RestService/forward"
auth_endpoint = "/mapi/login"
integration_endpoint = "/mapi/g"
share_endpoint = "/mapi/s"
username = "{agency}"
password = {{ file = "{secret}" }}
madonvi = "{agency}"
dstcode = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
{lines}
{account}
"#
    )
}

fn post(options: &Options, at: &Addresses, name: &str, customer: &str, key: &str, secret: &str) -> String {
    let (address, account, limit) = (&at.post, account(options), options.uncertain_limit);
    let page = options.feed_page_size;
    let unique = if options.number_unique { "yes" } else { "no" };
    format!(
        r#"[accounts.{name}]
interface = "post-ngsp"
token_url = "{address}/token"
order_url = "{address}/ngsp/orders"
cancel_url = "{address}/ngsp/orders/cancel"
tracking_url = "{address}/ngsp/orders/tracking"
customer_code = "{customer}"
customer_key = "{key}"
customer_secret = {{ file = "{secret}" }}
number_unique = "{unique}"
uncertain_limit = "{limit}"
visibility_delay = "100ms"
tracking_codes = {{ 4 = "delivered", 6 = "failed-attempt", 7 = "returning", 8 = "returned", 9 = "cancelled", 10 = "accepted", 20 = "cash-collected", 21 = "cash-settled" }}
feed_page_size = {page}
feed_busy = "200ms"
feed_idle = "1s"
{account}
"#
    )
}

fn bcci(options: &Options, address: &str) -> String {
    let (account, limit) = (account(options), options.uncertain_limit);
    format!(
        r#"[accounts.{POST_ACCOUNT}]
interface = "post-bcci"
flavour = "direct"
order_url = "{address}/bcci/orders/waybill"
cancel_url = "{address}/bcci/orders/cancel"
tracking_url = "{address}/bcci/orders/tracking"
access_token = {{ file = "post" }}
customer_code = "LC_XA_TIENTHANH"
uncertain_limit = "{limit}"
visibility_delay = "100ms"
tracking_codes = {{ 4 = "delivered", 6 = "failed-attempt", 7 = "returning", 8 = "returned", 9 = "cancelled", 10 = "accepted", 20 = "cash-collected", 21 = "cash-settled" }}
feed_busy = "200ms"
feed_idle = "1s"
{account}
"#
    )
}

fn commune(options: &Options) -> String {
    let Options { attempts, breaker_waits: (first, longest), .. } = options;
    format!(
        r#"[accounts.{COMMUNE_ACCOUNT}]
interface = "commune-amqp"
url = {{ file = "commune" }}
deadline = "5s"
rate = 10000
schedule = {{ waits = ["100ms", "300ms", "1s"], longest_wait = "2s", attempts = {attempts}, age = "10m" }}
breaker = {{ first_wait = "{first}", longest_wait = "{longest}" }}
"#
    )
}

fn agencies(told: bool) -> String {
    let one = |agency: &str, name: &str, portal: &str, post: &str, told: &str, commune: &str| {
        format!(
            r#"[agencies."{agency}"]
name = "UBND xã {name}"
portal_account = "{portal}"
post_account = "{post}"
{told}
[agencies."{agency}".desk]
name = "Bộ phận Một cửa xã {name}"
phone = "0510000901"
address = "UBND xã {name}, thành phố Phan Thiết"
province_code = "60"
district_code = "593"
commune_code = "{commune}"

"#
        )
    };
    let told = if told { format!("commune_account = \"{COMMUNE_ACCOUNT}\"\n") } else { String::new() };
    one(AGENCY, "Tiến Thành", PORTAL_ACCOUNT, POST_ACCOUNT, &told, "22966")
        + &one(AGENCY_2, "Tiến Lợi", PORTAL_ACCOUNT_2, POST_ACCOUNT_2, "", "22963")
}
