//! The one integration-test binary. Each theme is a module; tests read as sentences.
//!
//! Tests that need programs, namespaces or captures that are not there skip and say so.

#![cfg(test)]

mod adversarial;
mod architecture;
mod captures;
mod cases;
mod command_line;
mod configuration;
mod confined;
mod crashes;
mod doctor;
mod endurance;
mod enforce;
mod fanout;
mod folding;
mod icsnpp;
mod index;
mod live;
mod mirror;
mod mirror_health;
mod opcua;
mod opcua_logs;
mod overload;
mod package;
mod pages;
mod permits;
mod policy_diff;
mod policy_explain;
mod policy_files;
mod policy_learn;
mod policy_report;
mod policy_stored;
mod policy_test;
mod port_down;
mod records;
mod robustness;
mod rules;
mod signed;
mod support;
