//! The `bulkhead` binary: everything is in the `app` crate.

// What a sensor remembers lies scattered over tens of megabytes: on pages of 4 KiB the processor waits for their addresses.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    app::main()
}
