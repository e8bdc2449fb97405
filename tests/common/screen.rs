//! The real screen in a pseudo-terminal: keys in, text out.

use std::{
    io::{Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

/// How long a screen may take to show what is waited for on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running program and what its terminal shows.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    shown: Arc<Mutex<Parser>>,
    received: Arc<AtomicU64>,
}

impl Screen {
    /// Starts `command` in a terminal of `columns` by `rows`.
    pub fn open(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let shown = Arc::new(Mutex::new(Parser::new(rows, columns, 0)));
        let received = Arc::new(AtomicU64::new(0));
        let reader = pair.master.try_clone_reader().expect("a reader");
        follow(reader, Arc::clone(&shown), Arc::clone(&received));
        Self {
            child,
            keys: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            shown,
            received,
        }
    }

    /// Types `keys` as a terminal sends them.
    pub fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .expect("the program reads its keys");
        self.keys.flush().expect("the program reads its keys");
    }

    /// Types `keys` every other second until the screen's text fulfils `condition`.
    pub fn press_until(&mut self, keys: &str, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            self.press(keys);
            let next = Instant::now() + Duration::from_secs(2);
            while Instant::now() < next {
                if condition(&self.text()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("`{keys}` in vain; the screen shows:\n{}", self.text());
    }

    /// What the terminal shows now.
    pub fn text(&self) -> String {
        self.shown
            .lock()
            .expect("no reader panicked")
            .screen()
            .contents()
    }

    /// What the terminal shows now with its colours, as a terminal would be told.
    pub fn look(&self) -> Vec<u8> {
        let shown = self.shown.lock().expect("no reader panicked");
        shown.screen().contents_formatted()
    }

    /// Waits without pauses until anything looks different from `before`; for measuring. Returns the moment.
    pub fn wait_for_another_look(&self, before: &[u8]) -> Instant {
        self.wait_busily(|_| self.look() != before)
    }

    /// The first line whose text stands on another background than the line above the last: the cursor's.
    pub fn highlighted(&self) -> Option<u16> {
        let shown = self.shown.lock().expect("no reader panicked");
        let screen = shown.screen();
        let (rows, columns) = screen.size();
        let plain = |row| screen.cell(row, columns / 2).map(vt100::Cell::bgcolor);
        (2..rows - 2).find(|row| plain(*row) != plain(rows - 2))
    }

    /// Waits without pauses until the cursor's line fulfils `condition`; for measuring. Returns the moment.
    pub fn wait_for_highlight(&self, condition: impl Fn(Option<u16>) -> bool) -> Instant {
        self.wait_busily(|_| condition(self.highlighted()))
    }

    /// The first line that holds `part`.
    pub fn line_with(&self, part: &str) -> Option<String> {
        self.text()
            .lines()
            .find(|line| line.contains(part))
            .map(str::to_owned)
    }

    /// Waits until the screen's text fulfils `condition`.
    pub fn wait(&self, what: &str, condition: impl Fn(&str) -> bool) {
        self.wait_at_most(PATIENCE, what, condition);
    }

    /// The same with another patience.
    pub fn wait_at_most(&self, patience: Duration, what: &str, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + patience;
        loop {
            let text = self.text();
            if condition(&text) {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {what}; the screen shows:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the screen's text has fulfilled `condition` for `span` without a break.
    pub fn wait_steadily(&self, what: &str, span: Duration, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut since = None;
        loop {
            let text = self.text();
            since = if condition(&text) {
                since.or_else(|| Some(Instant::now()))
            } else {
                None
            };
            if since.is_some_and(|since| since.elapsed() >= span) {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {what}; the screen shows:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits without pauses until the screen's text fulfils `condition`; for measuring. Returns the moment.
    pub fn wait_busily(&self, condition: impl Fn(&str) -> bool) -> Instant {
        let end = Instant::now() + PATIENCE;
        let mut seen = u64::MAX;
        loop {
            let received = self.received();
            if received != seen {
                seen = received;
                let now = Instant::now();
                let text = self.text();
                if condition(&text) {
                    return now;
                }
            }
            assert!(
                Instant::now() < end,
                "waited in vain; the screen shows:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Waits until the screen shows `part`.
    pub fn wait_for(&self, part: &str) {
        self.wait(part, |text| text.contains(part));
    }

    /// Bytes that the program has written to its terminal so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    /// Changes the terminal's size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.shown
            .lock()
            .expect("no reader panicked")
            .screen_mut()
            .set_size(rows, columns);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master
            .resize(size)
            .expect("the terminal takes its size");
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a running program")
    }

    /// Whether the program still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the program's end and returns whether it was a success.
    pub fn ended(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            assert!(
                Instant::now() < end,
                "the program does not end; the screen shows:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(mut reader: Box<dyn Read + Send>, shown: Arc<Mutex<Parser>>, received: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 16_384];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut shown = shown.lock().expect("no writer panicked");
            shown.process(&buffer[..count]);
            drop(shown);
            received.fetch_add(count as u64, Ordering::Release);
        }
    });
}
