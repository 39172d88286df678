//! Which CPUs the thread that reads the ports runs on.
//!
//! A list as taskset(1) and cpuset(7) write it: numbers and ranges, parted by commas. Which CPUs
//! there are is found out at start, on the machine that the sensor runs on, not by the checker.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::Deserialize;

/// Numbers of CPUs, at least one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(crate) struct Processors(BTreeSet<usize>);

impl Processors {
    /// All that are in some list; `None` where there is no list.
    pub(crate) fn of_all<'a>(lists: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let all: BTreeSet<_> = lists.flat_map(|list| &list.0).copied().collect();
        (!all.is_empty()).then_some(Self(all))
    }

    /// Says whether this process may run on all of them.
    ///
    /// # Errors
    ///
    /// With the first that it may not run on, or that is not there.
    pub(crate) fn check(&self) -> Result<()> {
        let allowed = sched_getaffinity(None).context("cannot tell which CPUs there are")?;
        match self.0.iter().find(|number| !allowed.is_set(**number)) {
            Some(number) => {
                bail!("`cpus` names CPU {number}, which is not there or not for this process")
            }
            None => Ok(()),
        }
    }

    /// Ties the thread that calls to them, and what it starts from now on.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub(crate) fn pin(&self) -> Result<()> {
        let mut set = CpuSet::new();
        for number in &self.0 {
            set.set(*number);
        }
        sched_setaffinity(None, &set).with_context(|| format!("cannot run on CPUs {self}"))
    }
}

impl TryFrom<String> for Processors {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            let last = MOST - 1;
            format!("`{text}` is no list of CPUs from 0 to {last}, such as `2` or `2-3,6`")
        };
        let mut numbers = BTreeSet::new();
        for part in text.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
            let (first, last) = (number(first)?, number(last)?);
            if first > last || last >= MOST {
                return Err(wrong());
            }
            numbers.extend(first..=last);
        }
        Ok(Self(numbers))
    }
}

impl std::fmt::Display for Processors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

/// How many CPUs can be named: as many as `CpuSet` holds.
const MOST: usize = CpuSet::MAX_CPU;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        Processors::try_from(text.to_owned()).map(|list| list.to_string())
    }

    #[test]
    fn a_list_is_numbers_and_ranges() {
        for (text, numbers) in [("2", "2"), ("2-4, 7", "2,3,4,7"), ("7,0,7", "0,7")] {
            assert_eq!(read(text).as_deref(), Ok(numbers));
        }
        for text in ["", "x", "-1", "3-2", "1,", "1024", "0-9999", "1-2-3"] {
            let said = read(text).unwrap_err();
            assert!(said.contains("no list of CPUs from 0 to 1023"), "{said}");
        }
    }

    #[test]
    fn a_thread_that_is_pinned_runs_there_and_a_missing_cpu_is_named() {
        let own = sched_getaffinity(None).unwrap();
        let there = (0..MOST).find(|number| own.is_set(*number)).unwrap();
        let missing = (0..MOST).find(|number| !own.is_set(*number)).unwrap();
        let one = Processors([there].into());
        one.check().unwrap();
        std::thread::spawn(move || {
            one.pin().unwrap();
            let now = sched_getaffinity(None).unwrap();
            assert_eq!((now.count(), now.is_set(there)), (1, true));
        })
        .join()
        .unwrap();
        let said = Processors([missing].into())
            .check()
            .unwrap_err()
            .to_string();
        assert!(said.contains(&format!("CPU {missing}")), "{said}");
    }
}
