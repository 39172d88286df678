//! Every function with the example of the specification, or one after its format where it gives
//! none: PDUs, and what is said of them.

use std::collections::BTreeSet;

use model::{Fact, Said, Stamp, Timestamp, Verb};

use super::{framed, opened, shown};
use crate::Decoder;
use crate::modbus::functions::FUNCTIONS;

/// A request and its answer, as PDUs, and what is said of each.
pub(super) struct Exchange {
    pub(super) request: &'static str,
    pub(super) answer: &'static str,
    pub(super) said: [&'static str; 2],
}

const fn exchange(
    request: &'static str,
    answer: &'static str,
    said: [&'static str; 2],
) -> Exchange {
    Exchange {
        request,
        answer,
        said,
    }
}

/// MODBUS Application Protocol V1.1b3, 6.1 to 6.21; UMAS as controllers were seen to speak it.
pub(super) const EXCHANGES: &[Exchange] = &[
    exchange(
        "01 0013 0013",
        "01 03 cd 6b 05",
        [
            "request read_coils coil:19-37 address=19 quantity=19",
            "response read_coils coil:19-37 answers:1 values=[1,0,1,1,0,0,1,1,1,1,0,1,0,1,1,0,1,0,1]",
        ],
    ),
    exchange(
        "02 00c4 0016",
        "02 03 ac db 35",
        [
            "request read_discrete_inputs discrete:196-217 address=196 quantity=22",
            "response read_discrete_inputs discrete:196-217 answers:1 values=[0,0,1,1,0,1,0,1,1,1,0,1,1,0,1,1,1,0,1,0,1,1]",
        ],
    ),
    exchange(
        "03 006b 0003",
        "03 06 022b 0000 0064",
        [
            "request read_holding_registers holding:107-109 address=107 quantity=3",
            "response read_holding_registers holding:107-109 answers:1 values=[555,0,100]",
        ],
    ),
    exchange(
        "04 0008 0001",
        "04 02 000a",
        [
            "request read_input_registers input:8 address=8 quantity=1",
            "response read_input_registers input:8 answers:1 values=[10]",
        ],
    ),
    exchange(
        "05 00ac ff00",
        "05 00ac ff00",
        [
            "request write_single_coil coil:172 address=172 values=[1]",
            "response write_single_coil coil:172 answers:1 address=172 values=[1]",
        ],
    ),
    exchange(
        "06 0001 0003",
        "06 0001 0003",
        [
            "request write_single_register holding:1 address=1 values=[3]",
            "response write_single_register holding:1 answers:1 address=1 values=[3]",
        ],
    ),
    exchange(
        "07",
        "07 6d",
        [
            "request read_exception_status",
            "response read_exception_status answers:1 exception_status=109",
        ],
    ),
    exchange(
        "08 0000 a537",
        "08 0000 a537",
        [
            "request return_query_data diagnostic_data=[42295] subfunction=0",
            "response return_query_data answers:1 diagnostic_data=[42295] subfunction=0",
        ],
    ),
    exchange(
        "08 0004 0000",
        "88 0b",
        [
            "request force_listen_only_mode diagnostic_data=[0] subfunction=4",
            "response force_listen_only_mode refused:gateway_target_failed_to_respond answers:1 exception=11 subfunction=4",
        ],
    ),
    exchange(
        "0b",
        "0b ffff 0108",
        [
            "request get_comm_event_counter",
            "response get_comm_event_counter answers:1 event_count=264 status=65535",
        ],
    ),
    exchange(
        "0c",
        "0c 08 0000 0108 0121 20 00",
        [
            "request get_comm_event_log",
            "response get_comm_event_log answers:1 event_count=264 events=[32,0] message_count=289 status=0",
        ],
    ),
    exchange(
        "0f 0013 000a 02 cd 01",
        "0f 0013 000a",
        [
            "request write_multiple_coils coil:19-28 address=19 quantity=10 values=[1,0,1,1,0,0,1,1,1,0]",
            "response write_multiple_coils coil:19-28 answers:1 address=19 quantity=10",
        ],
    ),
    exchange(
        "10 0001 0002 04 000a 0102",
        "10 0001 0002",
        [
            "request write_multiple_registers holding:1-2 address=1 quantity=2 values=[10,258]",
            "response write_multiple_registers holding:1-2 answers:1 address=1 quantity=2",
        ],
    ),
    exchange(
        "11",
        "11 0a 01 ff 'Pump 2.1'",
        [
            "request report_server_id",
            "response report_server_id answers:1 run_indicator=true server_id=\"01ff50756d7020322e31\"",
        ],
    ),
    exchange(
        "14 0e 06 0004 0001 0002 06 0003 0009 0002",
        "14 0c 05 06 0dfe 0020 05 06 33cd 0040",
        [
            "request read_file_record file:4 file:3 file_records=[{\"file\":4,\"length\":2,\"record\":1},{\"file\":3,\"length\":2,\"record\":9}]",
            "response read_file_record file:4 file:3 answers:1 file_records=[{\"data\":[3582,32],\"length\":2},{\"data\":[13261,64],\"length\":2}]",
        ],
    ),
    exchange(
        "15 0d 06 0004 0007 0003 06af 04be 100d",
        "15 0d 06 0004 0007 0003 06af 04be 100d",
        [
            "request write_file_record file:4 file_records=[{\"data\":[1711,1214,4109],\"file\":4,\"length\":3,\"record\":7}]",
            "response write_file_record file:4 answers:1 file_records=[{\"data\":[1711,1214,4109],\"file\":4,\"length\":3,\"record\":7}]",
        ],
    ),
    exchange(
        "16 0004 00f2 0025",
        "16 0004 00f2 0025",
        [
            "request mask_write_register holding:4 address=4 and_mask=242 or_mask=37",
            "response mask_write_register holding:4 answers:1 address=4 and_mask=242 or_mask=37",
        ],
    ),
    exchange(
        "17 0003 0006 000e 0003 06 00ff 00ff 00ff",
        "17 0c 00fe 0acd 0001 0003 000d 00ff",
        [
            "request read_write_multiple_registers holding:3-8 holding:14-16 address=3 quantity=6 values=[255,255,255] write_address=14 write_quantity=3",
            "response read_write_multiple_registers holding:3-8 holding:14-16 answers:1 values=[254,2765,1,3,13,255]",
        ],
    ),
    exchange(
        "18 04de",
        "18 0006 0002 01b8 1284",
        [
            "request read_fifo_queue holding:1246 address=1246",
            "response read_fifo_queue holding:1246 answers:1 fifo_count=2 values=[440,4740]",
        ],
    ),
    exchange(
        "2b 0d 00 00",
        "2b 0d 00 00",
        [
            "request canopen_general_reference canopen_data=\"0000\" mei=13",
            "response canopen_general_reference answers:1 canopen_data=\"0000\" mei=13",
        ],
    ),
    exchange(
        "2b 0e 01 00",
        "2b 0e 01 01 ff 03 03 00 04 'Acme' 01 03 'P12' 02 05 'V2.11'",
        [
            "request read_device_identification mei=14 object_id=0 read_device_id_code=1",
            "response read_device_identification answers:1 conformity_level=1 individual_access=false mei=14 more_follows=true next_object_id=3 object_count=3 objects={\"0\":\"Acme\",\"1\":\"P12\",\"2\":\"V2.11\"} read_device_id_code=1",
        ],
    ),
    exchange(
        "5a 00 02",
        "5a 00 fe 10ff5a01 0000",
        [
            "request umas_read_id umas=2 umas_key=0",
            "response umas_read_id answers:1 umas=2 umas_key=0",
        ],
    ),
    exchange(
        "5a 01 41 ff00",
        "5a 01 fd 0201",
        [
            "request umas_stop_plc umas=65 umas_key=1 umas_needs_reservation=true",
            "response umas_stop_plc refused:umas_error answers:1 umas=65 umas_error=\"0201\" umas_key=1 umas_needs_reservation=true",
        ],
    ),
    exchange(
        "03 ffff 0001",
        "83 02",
        [
            "request read_holding_registers holding:65535 address=65535 quantity=1",
            "response read_holding_registers refused:illegal_data_address holding:65535 answers:1 exception=2",
        ],
    ),
];

#[test]
fn every_function_is_read_as_the_specification_writes_it() {
    for exchange in EXCHANGES {
        let mut session = opened();
        let mut said = Vec::new();
        for (pdu, frame) in [(exchange.request, 1), (exchange.answer, 2)] {
            let from = super::samples()[frame as usize - 1].0;
            let stamp = Stamp::new(frame, Timestamp::default(), 0);
            session.feed(stamp, from, &framed(1, pdu), &mut |heard| {
                said.push(shown(&heard));
            });
        }
        assert_eq!(said, exchange.said, "{}", exchange.request);
    }
}

#[test]
fn a_function_of_no_table_is_unknown_and_keeps_its_code() {
    let check = |request: &str, answer: &str, said: [&str; 2]| {
        super::check(
            opened(),
            &[
                &format!(
                    "> 0001 0000 00{:02x} 11 {request}",
                    1 + super::bytes(request).len()
                ),
                &format!(
                    "< 0001 0000 00{:02x} 11 {answer}",
                    1 + super::bytes(answer).len()
                ),
            ],
            &said,
        );
    };
    check(
        "64 0102",
        "64 0304",
        ["request unknown", "response unknown answers:1"],
    );
    check(
        "5a 00 77 01",
        "5a 00 fe",
        [
            "request unknown umas=119 umas_key=0",
            "response unknown answers:1 umas=119 umas_key=0",
        ],
    );
    check(
        "08 0009 0000",
        "88 01",
        [
            "request unknown diagnostic_data=[0] subfunction=9",
            "response unknown refused:illegal_function answers:1 exception=1 subfunction=9",
        ],
    );
    check(
        "2b 0f 01",
        "ab 01",
        [
            "request unknown mei=15",
            "response unknown refused:illegal_function answers:1 exception=1 mei=15",
        ],
    );
}

#[test]
fn acknowledge_is_no_refusal() {
    super::check(
        opened(),
        &[
            "> 0001 0000 0006 11 06 0001 0003",
            "< 0001 0000 0003 11 86 05",
        ],
        &[
            "request write_single_register holding:1 address=1 values=[3]",
            "response write_single_register holding:1 answers:1 exception=5",
        ],
    );
}

#[test]
fn a_device_says_who_it_is() {
    let check = |request: &str, answer: &str, wanted: &[(Fact, &str)]| {
        let mut session = opened();
        let mut facts = Vec::new();
        let samples = super::samples();
        for (pdu, (from, _)) in [request, answer].iter().zip(&samples) {
            session.feed(Stamp::default(), *from, &framed(1, pdu), &mut |said| {
                if let Said::Operation(operation) = said {
                    operation.detail.identity(&mut |identity| {
                        facts.push((identity.fact, identity.value.into_owned()));
                    });
                }
            });
        }
        let wanted = wanted
            .iter()
            .map(|(fact, value)| (*fact, (*value).to_owned()));
        assert_eq!(facts, wanted.collect::<Vec<_>>(), "{answer}");
    };
    check(
        "2b 0e 01 00",
        "2b 0e 01 01 00 00 04 00 06 'Acme  ' 01 03 'P12' 02 03 'V' 00 '1' 03 03 'w.x'",
        &[
            (Fact::Vendor, "Acme"),
            (Fact::Model, "P12"),
            (Fact::Version, "V.1"),
        ],
    );
    check(
        "11",
        "11 0a 01 ff 'Pump 2.1'",
        &[(Fact::Product, "Pump 2.1")],
    );
    check("11", "11 04 12 ff 'ab'", &[]);
    check(
        "5a 00 02",
        "5a 00 fe 10ff5a01 0100 000e '140 CPU 311 10' 01 01",
        &[(Fact::Model, "140 CPU 311 10")],
    );
    check("5a 00 03", "5a 00 fe 'Project'", &[]);
}

#[test]
fn what_changes_the_process_or_the_program_is_dangerous() {
    let dangerous: BTreeSet<&str> = FUNCTIONS
        .iter()
        .filter(|function| function.verb.is_dangerous())
        .map(|function| function.name)
        .collect();
    let wanted = BTreeSet::from([
        "canopen_general_reference",
        "change_ascii_input_delimiter",
        "firmware_replacement",
        "force_listen_only_mode",
        "mask_write_register",
        "multiple_function_codes",
        "object_messaging",
        "program_484",
        "program_584_984",
        "program_584_984_2",
        "program_884_u84",
        "program_concept",
        "read_write_multiple_registers",
        "reset_comm_link_884_u84",
        "restart_communications",
        "umas_begin_program_to_plc",
        "umas_end_program_to_plc",
        "umas_program_block_to_plc",
        "umas_start_plc",
        "umas_stop_plc",
        "umas_write_coils_registers",
        "umas_write_io_object",
        "umas_write_physical_address",
        "umas_write_variables",
        "write_file_record",
        "write_multiple_coils",
        "write_multiple_registers",
        "write_single_coil",
        "write_single_register",
    ]);
    assert_eq!(dangerous, wanted);
    let upload = |name: &str| name.ends_with("_from_plc");
    for function in &FUNCTIONS {
        assert_eq!(
            function.verb == Verb::Upload,
            upload(function.name),
            "{}",
            function.name
        );
    }
}
