//! Bodies that are not as long as their function needs: said, and read as far as they go.

use super::{check, midway, opened};

#[test]
fn a_length_that_the_function_contradicts_is_an_anomaly() {
    let check = |line: &str, operation: &str, expected: u64, found: u64| {
        let anomaly = format!("length_mismatch expected:{expected} found:{found}");
        check(opened(), &[line], &[operation, &anomaly]);
    };
    check(
        "> 0001 0000 0008 11 06 0001 0003 0000",
        "request write_single_register holding:1 address=1 values=[3]",
        6,
        8,
    );
    check(
        "> 0001 0000 0004 11 05 0001",
        "request write_single_coil coil:1 address=1",
        6,
        4,
    );
    check(
        "> 0001 0000 0009 11 10 0001 0003 06 0001",
        "request write_multiple_registers holding:1-3 address=1 quantity=3 values=[1]",
        13,
        9,
    );
    check(
        "> 0001 0000 0003 11 07 00",
        "request read_exception_status",
        2,
        3,
    );
}

#[test]
fn an_exception_with_a_byte_too_many_is_read_and_said() {
    check(
        midway(),
        &["< 0001 0000 0004 11 81 06 00"],
        &[
            "response read_coils refused:server_device_busy exception=6",
            "length_mismatch expected:3 found:4",
        ],
    );
}

#[test]
fn a_byte_count_that_the_quantity_contradicts_is_an_anomaly() {
    let check = |line: &str, operation: &str, expected: u64, found: u64| {
        let anomaly = format!("length_mismatch expected:{expected} found:{found}");
        check(opened(), &[line], &[operation, &anomaly]);
    };
    check(
        "> 0001 0000 0009 11 10 0001 0002 02 0001",
        "request write_multiple_registers holding:1-2 address=1 quantity=2 values=[1]",
        4,
        2,
    );
    check(
        "> 0001 0000 0009 11 0f 0001 0004 02 0f0f",
        "request write_multiple_coils coil:1-4 address=1 quantity=4 values=[1,1,1,1]",
        1,
        2,
    );
}

#[test]
fn a_run_of_cells_ends_with_the_address_space() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03 fff0 0064",
            "> 0002 0000 0006 11 03 0010 0000",
        ],
        &[
            "request read_holding_registers holding:65520-65535 address=65520 quantity=100",
            "request read_holding_registers holding:16 address=16 quantity=0",
        ],
    );
}

#[test]
fn a_write_hidden_behind_a_read_of_the_right_length_is_seen() {
    check(
        opened(),
        &["> 0001 0000 0006 11 03 006b 0001 0002 0000 0006 11 05 0001 ff00"],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request write_single_coil coil:1 address=1 values=[1]",
        ],
    );
}
