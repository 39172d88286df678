//! Every function that this room can name: the services, and the messages of the transport.
//!
//! A service's code is the identifier of its request's binary encoding. A message that is no service
//! has the three letters of its type as its code, or the letter of its chunk.

use model::{Function, Verb};

use super::pubsub;
use super::services::SERVICES;

/// `HEL`, and the `ACK` that answers it (OPC 10000-6, 7.1.2.3 and 7.1.2.4).
pub(super) const HELLO: Function = function(0x0048_454c, "hello", Verb::Connect);
/// `ERR` (OPC 10000-6, 7.1.2.5).
pub(super) const ERROR: Function = function(0x0045_5252, "error", Verb::Other);
/// `RHE` (OPC 10000-6, 7.1.2.6).
pub(super) const REVERSE_HELLO: Function = function(0x0052_4845, "reverse_hello", Verb::Connect);
/// A `MSG` whose body cannot be read.
pub(super) const ENCRYPTED: Function = function(0x004d_5347, "encrypted", Verb::Other);
/// A message whose sender gave it up (OPC 10000-6, 6.7.3).
pub(super) const ABORT: Function = function(0x41, "abort", Verb::Other);
/// A fault whose request was not seen (OPC 10000-4, 7.34).
pub(super) const SERVICE_FAULT: Function =
    function(super::services::SERVICE_FAULT, "service_fault", Verb::Other);

/// A service that no table names; it stands in none.
pub(super) const fn unknown(code: u32) -> Function {
    function(code, "unknown", Verb::Other)
}

/// All of them, for the vocabulary.
pub(super) static FUNCTIONS: [Function; SERVICES.len() + OTHERS.len()] = all();

const OTHERS: [Function; 9] = [
    HELLO,
    ERROR,
    REVERSE_HELLO,
    ENCRYPTED,
    ABORT,
    SERVICE_FAULT,
    pubsub::FUNCTIONS[0],
    pubsub::FUNCTIONS[1],
    pubsub::FUNCTIONS[2],
];

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time: an index out of bounds would not build"
)]
const fn all() -> [Function; SERVICES.len() + OTHERS.len()] {
    let mut functions = [unknown(0); SERVICES.len() + OTHERS.len()];
    let mut place = 0;
    while place < functions.len() {
        functions[place] = if place < SERVICES.len() {
            SERVICES[place].function
        } else {
            OTHERS[place - SERVICES.len()]
        };
        place += 1;
    }
    functions
}

const fn function(code: u32, name: &'static str, verb: Verb) -> Function {
    Function { code, name, verb }
}
