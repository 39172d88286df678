//! Capture-days in seconds: every frame is counted, every incident is told once with all that happened of it, and memory stays.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench::{Day, Soak, words};
use detect::Rules;
use engine::Judges;
use policy::Policy;

#[test]
fn each_day_is_like_the_one_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let judges = Judges {
        policy: Some(Arc::new(
            Policy::load(&root.join("policies/plant"), &words())
                .unwrap()
                .policy,
        )),
        baseline: None,
        rules: Some(Arc::new(Rules::shipped(&words()).unwrap())),
    };
    let captures = bench::soak_captures(&root).unwrap();
    let mut soak = Soak::new(judges, captures.iter().map(PathBuf::as_path)).unwrap();
    let days: Vec<Day> = (0..4).map(|_| soak.day()).collect();
    // the first still meets what it never met
    let second = days[1];
    for day in &days {
        assert_eq!(day.counted, day.fed, "{days:#?}");
        assert_eq!(day.incidents % Soak::ROUNDS, 0, "{days:#?}");
        assert!(day.incidents > 10 * Soak::ROUNDS, "{days:#?}");
    }
    for other in &days[2..] {
        assert_eq!(other.incidents, second.incidents, "{days:#?}");
        assert_eq!(other.happened, second.happened, "{days:#?}");
        assert_eq!(other.held, second.held, "{days:#?}");
        assert_eq!(other.grown_bytes, 0, "{days:#?}");
    }
}
