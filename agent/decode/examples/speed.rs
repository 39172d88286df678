//! throw-away
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use decode::*; use model::*;
struct A; static N: AtomicU64 = AtomicU64::new(0);
#[global_allocator] static G: A = A;
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for A { unsafe fn alloc(&self, l: Layout) -> *mut u8 { N.fetch_add(1, Relaxed); unsafe { System.alloc(l) } } unsafe fn dealloc(&self, p: *mut u8, l: Layout) { unsafe { System.dealloc(p, l) } } }
fn main() {
    for (name, req, ans) in [
        ("read 10 registers", vec![0u8,1,0,0,0,6,17,3,0,107,0,10], {let mut v=vec![0u8,1,0,0,0,23,17,3,20]; v.extend([7;20]); v}),
        ("read 100 coils", vec![0u8,1,0,0,0,6,17,1,0,107,0,100], {let mut v=vec![0u8,1,0,0,0,16,17,1,13]; v.extend([7;13]); v}),
        ("write 1 register", vec![0u8,1,0,0,0,6,17,6,0,107,0,10], vec![0u8,1,0,0,0,6,17,6,0,107,0,10]),
    ] {
        let limits = Limits::default();
        let mut c = Conversation::new(Transport::Tcp, false);
        let mut sum = 0u64; let mut n = 0u64; let mut other = 0u64;
        let mut go = |rounds: u64| for i in 0..rounds {
            let id = (i as u16).to_be_bytes();
            let mut r = [0u8; 64]; r[..req.len()].copy_from_slice(&req); r[..2].copy_from_slice(&id);
            let mut a = [0u8; 64]; a[..ans.len()].copy_from_slice(&ans); a[..2].copy_from_slice(&id);
            let mut say = |_: Stamp, _: Direction, s: Said<'_>| match s { Said::Operation(o) => { n += 1; sum ^= o.signature; }, _ => other += 1 };
            c.feed(&limits, [40000, 502], Stamp{frame: 2*i, ..Stamp::default()}, Direction::Forward, &r[..req.len()], &mut say);
            c.feed(&limits, [40000, 502], Stamp{frame: 2*i+1, ..Stamp::default()}, Direction::Backward, &a[..ans.len()], &mut say);
        };
        go(1000);
        let (t, a) = (std::time::Instant::now(), N.load(Relaxed));
        go(std::env::var("N").map_or(2_000_000, |n| n.parse().unwrap()));
        let d = t.elapsed();
        println!("{name}: {:.1} ns a message, {} allocations in 4 M messages, others {other}, {sum:x}", d.as_nanos() as f64 / 4e6, N.load(Relaxed) - a);
    }
}
