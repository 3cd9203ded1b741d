//! The portal mock as a program: prints its address and serves until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use mock_portal::{Agency, Config, Dstcode, DstcodePlace, FieldSet, Mock, SuccessCode, Wrapper};

/// Plays the National Public Service Portal's adapter; see mocks/README.md.
#[derive(Parser)]
struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Account that may log in, as agency:username:password; repeat for more
    #[arg(long = "agency", value_parser = read_agency)]
    agencies: Vec<Agency>,
    /// Seconds that a session lives
    #[arg(long, default_value_t = 600)]
    session_seconds: u64,
    /// Fields that a record has
    #[arg(long, value_enum, default_value = "2023")]
    field_set: FieldSet,
    /// Where dstcode has to stand
    #[arg(long, value_enum, default_value = "either")]
    dstcode_place: DstcodePlace,
    /// What dstcode has to be
    #[arg(long, default_value = "VN:GOV:000.00.00.G22:vpcpdvcprovider")]
    dstcode: String,
    /// Code of a create that meets its dossier
    #[arg(long, default_value = "3", allow_hyphen_values = true)]
    exists_code: String,
    /// How success is written
    #[arg(long, value_enum, default_value = "0")]
    success: SuccessCode,
    /// Path of the login
    #[arg(long)]
    login_path: Option<String>,
    /// Path of the services that write
    #[arg(long)]
    integration_path: Option<String>,
    /// Path of the services that read
    #[arg(long)]
    share_path: Option<String>,
    /// Agency for which the provincial wrapper logs in
    #[arg(long, default_value = "H11.01.07")]
    wrapper_agency: String,
    /// Milliseconds after which an unused connection is closed
    #[arg(long)]
    idle_ms: Option<u64>,
}

fn read_agency(text: &str) -> Result<Agency, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(code), Some(username), Some(password)) => Ok(Agency::new(code, username, password)),
        (_, _, _) => Err("write agency:username:password".to_owned()),
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let defaults = Config::default();
    let mut config = Config {
        listen: args.listen,
        idle: args.idle_ms.map(Duration::from_millis),
        dstcode: Dstcode { place: args.dstcode_place, value: args.dstcode },
        session_life: Duration::from_secs(args.session_seconds),
        field_set: args.field_set,
        exists_code: args.exists_code,
        success: args.success,
        login_path: args.login_path.unwrap_or(defaults.login_path),
        integration_path: args.integration_path.unwrap_or(defaults.integration_path),
        share_path: args.share_path.unwrap_or(defaults.share_path),
        wrapper: Wrapper { agency: args.wrapper_agency, ..defaults.wrapper },
        agencies: defaults.agencies,
    };
    if !args.agencies.is_empty() {
        config.agencies = args.agencies;
    }
    mock_kit::serve_until_signal(Mock::start(config).await?).await
}
