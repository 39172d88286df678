//! The signs of each fault: what a few seconds of counts and a look over the flows tell.
//!
//! Each sign says that the fault is there and why, or that it is not, or that nothing can be told,
//! as on a port without traffic. What is asked of a fault to begin is more than what lets it go on,
//! so that none comes and goes from second to second.

use flow::Survey;

use super::recent::{Counts, KEPT, Recent};

/// What a sign says of its fault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Sign {
    /// It is there, and why.
    Faulty(String),
    /// It is not there.
    Fine,
    /// Too little was seen.
    Unclear,
}

/// Whether a fault is there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Before {
    /// It is.
    Standing,
    /// It is not.
    Absent,
}

/// Frames that come twice: one in ten of half a minute begins it, less than one in twenty of ten seconds ends it. Where senders
/// do not number their packets a copy looks like a segment that was sent again: there nearly every segment must come twice.
pub(crate) fn duplicates(recent: &Recent, before: Before) -> Sign {
    let (long, short) = (recent.last(KEPT), recent.last(SHORT));
    let goes_on = short.duplicates * 20 >= short.frames || is_repeated(&short, 1);
    match before {
        _ if short.frames == 0 => Sign::Unclear,
        Before::Standing if goes_on => Sign::Faulty(String::new()),
        Before::Absent
            if goes_on
                && long.duplicates >= ENOUGH_DUPLICATES
                && long.duplicates * 10 >= long.frames =>
        {
            Sign::Faulty(format!(
                "of the last {} frames {} were copies of others that came within milliseconds",
                long.frames, long.duplicates
            ))
        }
        Before::Absent if goes_on && is_repeated(&long, ENOUGH_REPEATED) => Sign::Faulty(format!(
            "of the last {} TCP segments {} brought what had just come",
            long.in_order + long.repeated,
            long.repeated
        )),
        Before::Standing | Before::Absent => Sign::Fine,
    }
}

/// Whether segments come twice, and at least `enough` came once.
const fn is_repeated(counts: &Counts, enough: u64) -> bool {
    counts.in_order >= enough && counts.repeated * 10 >= counts.in_order * 8
}

/// Packets of which less was captured than their headers say.
pub(crate) fn cut_short(recent: &Recent, before: Before) -> Sign {
    let (long, short) = (recent.last(KEPT), recent.last(SHORT));
    match before {
        _ if short.frames == 0 => Sign::Unclear,
        _ if short.short == 0 => Sign::Fine,
        Before::Standing => Sign::Faulty(String::new()),
        Before::Absent if long.short >= ENOUGH_SHORT => Sign::Faulty(format!(
            "of the last {} frames {} hold less than their headers say",
            long.frames, long.short
        )),
        Before::Absent => Sign::Unclear,
    }
}

/// Conversations that go on although frames of one end only are seen: half of all begin it, less than a quarter end it.
pub(crate) fn one_direction(recent: &Recent, survey: &Survey, before: Before) -> Sign {
    let Survey {
        talking, one_sided, ..
    } = *survey;
    let share = match before {
        Before::Absent => 2,
        Before::Standing => 4,
    };
    match () {
        () if talking == 0 => Sign::Unclear,
        () if one_sided * share < talking => Sign::Fine,
        () if recent.last(KEPT).in_order < one_sided + ENOUGH_PROGRESS => Sign::Unclear,
        () => Sign::Faulty(format!(
            "of {talking} TCP conversations that go on, {one_sided} show frames of one end only"
        )),
    }
}

/// Flows that began with a VLAN tag and go on without, or a policy that places hosts by VLAN where no frame has a tag.
pub(crate) fn tags_stripped(recent: &Recent, survey: &Survey, policy_names_vlans: bool) -> Sign {
    let (long, short, look) = (recent.last(KEPT), recent.last(SHORT), recent.last(LOOK));
    match () {
        () if short.tagged > 0 && look.tagged > 0 => Sign::Fine,
        () if survey.tagged > 0 && look.frames > 0 && look.tagged == 0 => Sign::Faulty(format!(
            "{} conversation(s) that began with VLAN tags go on without any",
            survey.tagged
        )),
        () if policy_names_vlans && long.tagged == 0 && long.frames >= ENOUGH_UNTAGGED => {
            Sign::Faulty(format!(
                "the policy has zones by VLAN, and none of the last {} frames has a tag",
                long.frames
            ))
        }
        () => Sign::Unclear,
    }
}

/// Holes in streams that no cut frame explains.
pub(crate) fn loss(recent: &Recent) -> Sign {
    let long = recent.last(KEPT);
    match () {
        () if long.gaps > 0 && long.short == 0 => Sign::Faulty(String::new()),
        () if long.frames > 0 => Sign::Fine,
        () => Sign::Unclear,
    }
}

/// Flows whose frames come from two sources, where these are not copies.
pub(crate) fn split(recent: &Recent, survey: &Survey) -> Sign {
    let long = recent.last(KEPT);
    match () {
        () if survey.split == 0 || long.duplicates * 20 >= long.frames => Sign::Unclear,
        () => Sign::Faulty(
            "conversations have one direction on one port and the other on another".to_owned(),
        ),
    }
}

/// How many seconds tell whether a fault goes on.
const SHORT: usize = 10;
/// How many seconds lie between two looks over the flows.
pub(crate) const LOOK: usize = 5;
const ENOUGH_DUPLICATES: u64 = 10;
const ENOUGH_REPEATED: u64 = 20;
const ENOUGH_SHORT: u64 = 3;
/// How many segments that continue their streams, beyond one for each flow, show that somebody acknowledges them.
const ENOUGH_PROGRESS: u64 = 5;
const ENOUGH_UNTAGGED: u64 = 50;
