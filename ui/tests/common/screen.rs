//! A screen: keys in, text and roles out.

use archipel_fleet::{Changes, Event, Fleet, Moment, Notice, Stamped};
use archipel_protocol::{chunks::Digest, definitions::Version, rights::Explained};
use archipel_ui::{
    App, Chord, Command, GlyphSet, Keymap, Now, Options, Picture, Question, Role, Theme, Told,
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

/// Five minutes past two in the afternoon, some while after the fixtures' events.
pub fn now() -> Now {
    Now {
        moment: Moment(10_000_000),
        hour: 14,
        minute: 3,
        second: 20,
    }
}

/// The program's screen over a fleet.
pub struct Screen {
    pub app: App,
    pub fleet: Fleet,
    pub now: Now,
    pub theme: Theme,
    pub commands: Vec<Command>,
    terminal: Terminal<TestBackend>,
}

pub fn options(theme: &str) -> Options {
    Options {
        profile: "prod".into(),
        account: "olga@dc.example".into(),
        theme: Theme::preset(theme).unwrap(),
        glyphs: GlyphSet::Unicode,
        read_only: false,
        keymap: Keymap::preset("default").unwrap(),
    }
}

impl Screen {
    pub fn new(fleet: Fleet, size: (u16, u16)) -> Self {
        Self::with(fleet, size, options("mono"))
    }

    pub fn with(fleet: Fleet, size: (u16, u16), options: Options) -> Self {
        let theme = options.theme.clone();
        let mut app = App::new(options);
        let all = Changes::STRUCTURE | Changes::ROWS | Changes::LINK;
        let commands = app.changed(&all, &fleet, now());
        let terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let mut screen = Self {
            app,
            fleet,
            now: now(),
            theme,
            commands,
            terminal,
        };
        screen.draw();
        screen
    }

    pub fn draw(&mut self) {
        let Self {
            app,
            fleet,
            now,
            terminal,
            ..
        } = self;
        terminal.draw(|frame| app.draw(frame, fleet, *now)).unwrap();
        self.commands.extend(app.drawn());
    }

    /// Presses keys as they are written in a keymap, blanks between them, and draws. The answer is what the last keys asked for.
    pub fn press(&mut self, keys: &str) -> Vec<Command> {
        let mut commands = Vec::new();
        for key in keys.split(' ') {
            let chord: Chord = key.parse().unwrap();
            commands.extend(self.app.key(chord.into(), &self.fleet, self.now));
        }
        self.draw();
        self.commands.extend(commands.clone());
        commands
    }

    /// Types a text.
    pub fn type_text(&mut self, text: &str) -> Vec<Command> {
        let mut commands = Vec::new();
        for letter in text.chars() {
            commands.extend(
                self.app
                    .key(Chord::plain(letter).into(), &self.fleet, self.now),
            );
        }
        self.draw();
        commands
    }

    /// Lets something happen to the fleet and draws.
    pub fn happens(&mut self, event: Event) -> Vec<Command> {
        let changes = self.fleet.apply(Stamped {
            at: self.now.moment,
            event,
        });
        let commands = self.app.changed(&changes, &self.fleet, self.now);
        self.draw();
        commands
    }

    /// Does with notices what the program's loop does.
    pub fn feed_back(&mut self, commands: &[Command]) {
        for command in commands {
            if let Command::Notice(notice) = command {
                self.happens(Event::Notice(notice.clone()));
            }
        }
    }

    pub fn backend(&self) -> &TestBackend {
        self.terminal.backend()
    }

    pub fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    /// The lines of the frame.
    pub fn lines(&self) -> Vec<String> {
        let buffer = self.buffer();
        let area = buffer.area();
        let row = |y| {
            (0..area.width)
                .map(|x| buffer[(x, y)].symbol())
                .collect::<String>()
        };
        (0..area.height).map(row).collect()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert!(
            self.text().contains(text),
            "`{text}` is not in\n{}",
            self.text()
        );
    }

    #[track_caller]
    pub fn hides(&self, text: &str) {
        assert!(
            !self.text().contains(text),
            "`{text}` is in\n{}",
            self.text()
        );
    }

    /// Asserts that the first occurrence of `text` from line `from` on is drawn in the colour of `role`.
    #[track_caller]
    pub fn is_drawn_as(&self, text: &str, role: Role) {
        let style = self.theme.style(role);
        let buffer = self.buffer();
        let found = self
            .lines()
            .iter()
            .enumerate()
            .find_map(|(y, line)| Some((line[..line.find(text)?].chars().count(), y)));
        let (x, y) = found.unwrap_or_else(|| panic!("`{text}` is not in\n{}", self.text()));
        let cell = &buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
        assert_eq!(Some(cell.fg), style.fg, "`{text}` as {role}");
    }
}

impl Screen {
    /// Does what the engine would do: commands are carried out at once, every third one fails.
    pub fn carry_out(&mut self, commands: &[Command]) {
        self.feed_back(commands);
        for command in commands {
            match command {
                Command::Execute(plan) => self.execute(plan),
                Command::Ask(question) => self.answer(question, Ok(told(question))),
                _ => {}
            }
        }
        self.draw();
    }

    /// Answers a question, and those that follow it.
    pub fn answer(&mut self, question: &Question, answer: Result<Told, String>) {
        let commands = self.app.told(question, answer, &self.fleet, self.now);
        self.carry_out(&commands);
    }

    fn execute(&mut self, plan: &archipel_fleet::Plan) {
        let run = archipel_fleet::RunId(7);
        let targets: Vec<_> = plan.ready().map(|step| step.vm.clone()).collect();
        self.happens(Event::Started {
            run,
            plan: plan.clone(),
        });
        self.app.started(run, &self.fleet);
        for (at, vm) in targets.into_iter().enumerate() {
            self.happens(Event::StepSent {
                run,
                vm: vm.clone(),
            });
            let refused = archipel_protocol::Failure::new(
                archipel_protocol::failure::FailureKind::Libvirt { code: 38 },
                "cannot access storage file /var/lib/libvirt/images/disk.qcow2",
            );
            let result = if at % 3 == 2 { Err(refused) } else { Ok(()) };
            self.happens(Event::Step { run, vm, result });
        }
    }
}

/// What a hypervisor tells.
fn told(question: &Question) -> Told {
    match question {
        Question::Definition(_) => Told::Text(DEFINITION.to_owned()),
        Question::Pending(_) | Question::Change { .. } => Told::Text(DIFFERENCE.to_owned()),
        Question::History(_) => Told::Versions(versions()),
        Question::Why(_, permission) => Told::Explained(Explained {
            allowed: permission.0 != "free",
            grounds: vec![format!(
                "olga@dc.example holds the role `operator` in `tag = web`, which grants `{permission}`"
            )],
        }),
        Question::Picture(_) => Told::Picture(test_card()),
    }
}

pub fn versions() -> Vec<Version> {
    let version = |number: u64, by: Option<&str>, verb: &str| Version {
        number,
        at: format!("2026-11-20T1{number}:03:20Z").parse().unwrap(),
        by: by.map(|who| who.parse().unwrap()),
        verb: verb.to_owned(),
        digest: Digest::of(verb),
    };
    vec![
        version(3, Some("olga@dc.example"), "memory"),
        version(2, Some("ivan@dc.example"), "edit"),
        version(1, None, "found"),
    ]
}

/// Bars of colour, and a ramp of greys below them.
pub fn test_card() -> Picture {
    let bars = [
        [255, 255, 255],
        [255, 255, 0],
        [0, 255, 255],
        [0, 255, 0],
        [255, 0, 255],
        [255, 0, 0],
        [0, 0, 255],
        [0, 0, 0],
    ];
    let pixel = |at: usize| {
        let (x, y) = (at % 320, at / 320);
        let grey = u8::try_from(x * 255 / 319).unwrap();
        if y < 150 { bars[x / 40] } else { [grey; 3] }
    };
    Picture::new(320, (0..320 * 200).map(pixel).collect()).unwrap()
}

const DIFFERENCE: &str = "--- live
+++ next
@@ -2,3 +2,3 @@
   <name>web01</name>
-  <memory unit='KiB'>4194304</memory>
+  <memory unit='KiB'>8388608</memory>
   <vcpu placement='static'>2</vcpu>
";

const DEFINITION: &str = "<domain type='kvm' id='3'>
  <name>web01</name>
  <uuid>01000000-0000-0000-0000-000000000000</uuid>
  <memory unit='KiB'>4194304</memory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/web01.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'>
      <mac address='52:54:00:00:00:01'/>
      <source bridge='br0'/>
      <model type='virtio'/>
    </interface>
  </devices>
</domain>
";

/// The verb that is to be done, and the machines' names.
pub fn executed(commands: &[Command]) -> Option<(&'static str, Vec<String>)> {
    commands.iter().find_map(|command| match command {
        Command::Execute(plan) => Some((
            plan.verb.word,
            plan.ready().map(|step| step.name.clone()).collect(),
        )),
        _ => None,
    })
}

/// What is to be said.
pub fn noticed(commands: &[Command]) -> Option<&Notice> {
    commands.iter().find_map(|command| match command {
        Command::Notice(notice) => Some(notice),
        _ => None,
    })
}
