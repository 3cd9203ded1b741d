//! The install script, in a root folder of its own and with programs that are played.
//!
//! The script's own programs (`sed`, `grep`, …) are the real ones; `apt-get`, `id`, `sudo`, `systemctl` and what the
//! packages bring are small scripts in a folder that is first in its `PATH`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");

/// Notes what it is called with and the policy that it meets, then brings RabbitMQ.
const APT_GET: &str = r#"
echo "$*" >>"$INSTALL_ROOT/calls"
cat "$INSTALL_ROOT/usr/sbin/policy-rc.d" >"$INSTALL_ROOT/policy-met" 2>/dev/null
mkdir -p "$INSTALL_ROOT/usr/lib/rabbitmq/bin"
for program in erl ../usr/lib/rabbitmq/bin/rabbitmq-server; do
    printf '#!/bin/sh\n' >"$INSTALL_ROOT/bin/$program" && chmod 755 "$INSTALL_ROOT/bin/$program"
done
"#;

struct Machine {
    root: TempDir,
}

impl Machine {
    /// A machine without RabbitMQ, where everybody is root and apt works.
    fn new() -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(machine.path("bin")).unwrap();
        fs::create_dir_all(machine.path("usr/sbin")).unwrap();
        for program in ["sh", "sed", "grep", "rm", "cat", "chmod", "mkdir", "env", "mktemp", "tail", "true"] {
            let real = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(program));
            if let Some(real) = real.iter().find(|path| path.exists()) {
                std::os::unix::fs::symlink(real, machine.path("bin").join(program)).unwrap();
            }
        }
        machine.program("id", "echo 0");
        machine.program("apt-cache", "exit 0");
        machine.program("dpkg-query", "exit 1");
        machine.program("apt-get", APT_GET);
        machine.program("systemctl", r#"echo "systemctl $*" >>"$INSTALL_ROOT/calls""#);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.path("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, packages: &[&str]) -> Output {
        Command::new("/bin/sh")
            .arg(SCRIPT)
            .args(packages)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("INSTALL_ROOT", self.root.path())
            .env("CI", "true")
            .output()
            .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn policy(&self) -> PathBuf {
        self.path("usr/sbin/policy-rc.d")
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_there_is_not_installed_again() {
    let machine = Machine::new();
    assert!(machine.run(&["rabbitmq-server"]).status.success());
    fs::remove_file(machine.path("calls")).unwrap();
    let again = machine.run(&["rabbitmq-server"]);
    assert!(again.status.success());
    assert_eq!((again.stdout, again.stderr), (vec![], vec![]));
    assert_eq!(machine.read("calls"), "");
}

#[test]
fn services_are_forbidden_while_apt_works_and_only_then() {
    let machine = Machine::new();
    let output = machine.run(&["rabbitmq-server"]);
    assert!(output.status.success(), "{output:?}");
    assert!(machine.read("policy-met").ends_with("exit 101\n"), "{:?}", machine.read("policy-met"));
    assert!(!machine.policy().exists());
    let calls = machine.read("calls");
    assert!(calls.contains("install --no-install-recommends rabbitmq-server"), "{calls}");
    assert!(calls.contains("systemctl disable --now rabbitmq-server.service"), "{calls}");
    assert!(calls.contains("systemctl disable --now epmd.socket"), "{calls}");
}

#[test]
fn services_of_a_package_that_was_there_stay_enabled() {
    let machine = Machine::new();
    machine.program("dpkg-query", "printf installed");
    assert!(machine.run(&["rabbitmq-server"]).status.success());
    assert!(!machine.read("calls").contains("systemctl"), "{}", machine.read("calls"));
}

#[test]
fn a_policy_of_somebody_else_stays_as_it_is() {
    let machine = Machine::new();
    fs::write(machine.policy(), "#!/bin/sh\nexit 0\n").unwrap();
    assert!(machine.run(&["rabbitmq-server"]).status.success());
    assert_eq!(fs::read_to_string(machine.policy()).unwrap(), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_policy_of_a_run_that_was_killed_is_removed() {
    let machine = Machine::new();
    // Process ids end far below this one.
    let left = "#!/bin/sh\n# put here by lienthong's install.sh, process 999999999\nexit 101\n";
    fs::write(machine.policy(), left).unwrap();
    assert!(machine.run(&["rabbitmq-server"]).status.success());
    assert!(!machine.policy().exists());
}

#[test]
fn an_interrupted_run_removes_its_policy() {
    let machine = Machine::new();
    machine.program("apt-get", &format!("{APT_GET}\nkill -TERM \"$PPID\""));
    let output = machine.run(&["rabbitmq-server"]);
    assert_eq!(output.status.code(), Some(143));
    assert!(machine.read("policy-met").ends_with("exit 101\n"));
    assert!(!machine.policy().exists());
}

#[test]
fn stale_lists_are_renewed_and_the_installation_tried_again() {
    let machine = Machine::new();
    let stale = r#"case "$*" in *update*) >"$INSTALL_ROOT/fresh" ;; esac
[ -e "$INSTALL_ROOT/fresh" ] || exit 100"#;
    machine.program("apt-get", &format!("{stale}\n{APT_GET}"));
    let output = machine.run(&["rabbitmq-server"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_failed_installation_is_an_error_with_its_last_lines_and_a_way_out() {
    let machine = Machine::new();
    machine.program("apt-get", "echo 'E: no network'; exit 100");
    let output = machine.run(&["rabbitmq-server"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = errors(&output);
    for part in ["E: no network", "apt-get install --no-install-recommends rabbitmq-server", "AMQP_URL="] {
        assert!(errors.contains(part), "no {part:?} in {errors}");
    }
    assert!(!machine.policy().exists());
}

#[test]
fn without_the_rights_it_says_what_to_do() {
    let machine = Machine::new();
    machine.program("id", "echo 1000");
    let no_sudo = machine.run(&["rabbitmq-server", "libxml2-utils"]);
    assert_eq!(no_sudo.status.code(), Some(1));
    let text = errors(&no_sudo);
    assert!(text.contains("there is no sudo"), "{text}");
    assert!(text.contains("apt-get install --no-install-recommends rabbitmq-server libxml2-utils"), "{text}");

    machine.program("sudo", "exit 1");
    let text = errors(&machine.run(&["rabbitmq-server"]));
    assert!(text.contains("sudo asks for a password"), "{text}");
    assert_eq!(machine.read("calls"), "", "nothing was tried");
}

#[test]
fn sudo_without_a_password_is_used() {
    let machine = Machine::new();
    machine.program("id", "echo 1000");
    machine.program("sudo", "[ \"$1\" = -n ] && shift\nexec \"$@\"");
    let output = machine.run(&["rabbitmq-server"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!machine.policy().exists());
}

#[test]
fn a_package_it_does_not_know_is_an_error() {
    let output = Machine::new().run(&["emacs"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(errors(&output), "install.sh does not know the package emacs\n");
}
