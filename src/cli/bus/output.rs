//! The files of a bus in a folder, to be copied to the server.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use archipel_servers::{Installation, Ledger, Placed, ServerKind};

use super::{here::changes, init::Plan};
use crate::cli::{console::print, failure::Failure};

/// Writes them, and the steps that are left.
pub(super) fn write(plan: &Plan, folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    let unusable =
        |error| Failure::failed(format_args!("could not use the folder `{shown}`: {error}"));
    archipel_config::private_folder(folder).map_err(unusable)?;
    let folder = fs::canonicalize(folder).map_err(unusable)?;
    let root = folder.join("root");
    let installation = Installation {
        kind: plan.kind,
        profile: &plan.profile,
        certificates: plan.certificates.clone(),
        authority: &folder.join("authority"),
        group: None,
        root: &root,
        today: jiff::Zoned::now().date(),
    };
    let mut files = installation.files().map_err(Failure::failed)?;
    files.push(Placed {
        path: folder.join("STEPS.txt"),
        content: steps(plan, &root, &files).into_bytes(),
        mode: 0o600,
        group: None,
        grows: false,
    });
    let mut ledger = Ledger::open(&folder.join("written")).map_err(Failure::failed)?;
    let changes = changes(&ledger, &files)?;
    for (file, _) in &changes {
        ledger.put(file, "changed").map_err(Failure::failed)?;
    }
    let shown = folder.display();
    Ok(print(&match changes.len() {
        0 => format!("{shown} is as it shall be; nothing was changed."),
        count => format!(
            "{count} files written below {shown}; {shown}/STEPS.txt says what to do with them."
        ),
    })?)
}

/// What a person does on the server.
fn steps(plan: &Plan, root: &Path, files: &[Placed]) -> String {
    let word = plan.kind.word();
    let mut text = format!(
        "The bus of {}, {}. As root on the server, in a copy of this folder:\n\n",
        plan.profile.domain, plan.kind
    );
    for file in files {
        let Ok(path) = file.path.strip_prefix(root) else {
            continue;
        };
        let target = PathBuf::from("/").join(path);
        let (path, target, mode) = (path.display(), target.display(), file.mode);
        let _ = writeln!(
            text,
            "install -D -o root -g {word} -m {mode:04o} root/{path} {target}"
        );
    }
    let _ = writeln!(
        text,
        "\nsystemctl daemon-reload && systemctl restart {word}\n"
    );
    text.push_str(&account(plan));
    text.push_str(
        "\nThen at your desk, with ca_file = \"authority/ca.pem\" in the profile of that account:\n\narchipel bus nodes\n\n\
         authority/ca.key signs the next certificate (archipel bus init --renew): keep it where nobody else reads it, not on the server.\n",
    );
    text
}

/// The first operator's account; on ejabberd also the groups, which live in its database.
fn account(plan: &Plan) -> String {
    let admin = plan.admin();
    if plan.kind == ServerKind::Prosody {
        return format!("prosodyctl adduser {admin}\n");
    }
    let (name, domain) = (
        admin.node().map(ToString::to_string).unwrap_or_default(),
        &plan.profile.domain,
    );
    let socket = plan.profile.site.socket.display();
    format!(
        "# account.json, readable for root alone: {{\"user\": \"{name}\", \"host\": \"{domain}\", \"password\": \"…\"}}\n\
         curl --unix-socket {socket} --json @account.json http://localhost/api/register; rm account.json\n\
         ejabberdctl srg_create Hypervisors {domain} Hypervisors hosts Operators\n\
         ejabberdctl srg_create Operators {domain} Operators persons Hypervisors\n\
         ejabberdctl srg_user_add {name} {domain} Operators {domain}\n"
    )
}
