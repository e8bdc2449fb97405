//! What is typed at a prompt is not seen, and the terminal is sound afterwards.

use archipel_lab::ServerKind;
use portable_pty::CommandBuilder;

use crate::{
    common::{Screen, agent_program, lacks},
    place::{Place, bus, invite},
};

/// What is pasted at the prompt, in two lines, does not appear on the terminal.
#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_shows_nothing() {
    if lacks("the_prompt_shows_nothing", ServerKind::Prosody, &[]) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let code = invite(&world, "hv01").await;
    let place = Place::new(&world, "hv01");
    let mut command = CommandBuilder::new(agent_program());
    command.args(["join", "--config"]);
    command.arg(&place.config);
    command.arg("--state");
    command.arg(&place.state);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Join code (it is not shown):");
    let (head, tail) = code.split_at(60);
    screen.press(&format!("{head}\n{tail}\n"));
    screen.wait_for("joined the bus as hv01@dc.example");
    let text: String = screen.text().split_whitespace().collect();
    assert!(
        !text.contains(&head[9..30]) && !text.contains(&tail[..20]),
        "{text}"
    );
}

/// Whoever gives up at the prompt has a terminal that shows what is typed.
#[tokio::test(flavor = "multi_thread")]
async fn giving_up_at_the_prompt_leaves_a_sound_terminal() {
    if lacks("giving_up_at_the_prompt", ServerKind::Prosody, &[]) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let place = Place::new(&world, "hv01");
    let mut command = CommandBuilder::new("/bin/sh");
    let script = "\"$0\" join --config \"$1\" --state \"$2\"; echo ended with $?; stty -a";
    command.args(["-c", script]);
    command.arg(agent_program());
    command.arg(&place.config);
    command.arg(&place.state);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Join code (it is not shown):");
    screen.press("archipel1:\u{3}");
    screen.wait_for("ended with");
    screen.wait_for(" echo ");
    let text = screen.text();
    assert!(
        !text.contains("-echo ") && text.contains(" icanon"),
        "{text}"
    );
    assert!(!text.contains("ended with 0"), "{text}");
}

/// The same of the operator's program, on a terminal that is not the process's own (as under `su -c`).
#[tokio::test(flavor = "multi_thread")]
async fn giving_up_at_the_password_leaves_a_sound_terminal() {
    if lacks(
        "giving_up_at_the_password",
        ServerKind::Prosody,
        &["setsid"],
    ) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let (address, ca) = (world.server.starttls_addr(), world.server.ca_pem_path());
    let bus = format!("[bus]\nhosts = [\"{address}\"]\nca_file = {ca:?}\n");
    world.write_profile_text("test", &format!("jid = \"admin@dc.example\"\n{bus}"));
    let mut command = world.screen_command(&["whoami"]);
    let script = "setsid -w \"$0\" \"$@\"; echo ended with $?; stty -a";
    let shell = ["/bin/sh", "-c", script].map(Into::into);
    command.get_argv_mut().splice(0..0, shell);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Password of admin@dc.example:");
    screen.press("secr\u{3}");
    screen.wait_for("no password was given");
    screen.wait_for("ended with 3");
    screen.wait_for(" echo ");
    let text = screen.text();
    assert!(
        !text.contains("-echo ") && !text.contains("secr") && text.contains(" icanon"),
        "{text}"
    );
}
