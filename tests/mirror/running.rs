//! A program that runs beside a test: what it says, and how it ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::wait_until;
use crate::support::root;

/// A program that runs until it ends or its owner goes.
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(super) fn start(command: &mut Command) -> Self {
        command
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *heard.lock().unwrap() += &format!("{line}\n");
            }
        });
        Self { child, said }
    }

    /// Its number; `ip netns exec` runs a program in its own place.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it said on standard error so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(crate) fn wait_until_it_says(&self, words: &str) -> String {
        wait_until(&format!("`{words}` in {}", self.said()), || {
            Some(self.said()).filter(|said| said.contains(words))
        })
    }

    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &process])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until it ends; its exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        wait_until("the end of a program", || self.child.try_wait().unwrap()).code()
    }

    /// Asks it to end and waits for it; its exit code and how long that took.
    pub(crate) fn stop(&mut self) -> (Option<i32>, Duration) {
        let asked = Instant::now();
        self.signal("TERM");
        (self.end(), asked.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
