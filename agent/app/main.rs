//! The `bulkhead` binary: everything is in the `app` crate.

fn main() -> std::process::ExitCode {
    app::main()
}
