//! Capabilities, the user, and what could bring them back (capabilities(7), credentials(7)).

use std::io;

use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit,
};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, Gid, Uid, capabilities,
    capability_is_in_bounding_set, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits,
    set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::{Account, Error};

/// Gives up every capability, and becomes the account where the process is root. No program that
/// is started could have more, and the process shows its memory to nobody.
pub(crate) fn drop_all(account: Option<&Account>) -> Result<(), Error> {
    let held = capabilities(None).map_err(refused("read its capabilities"))?;
    if held.effective.contains(CapabilitySet::SETPCAP) {
        narrow()?;
    }
    if let Some(account) = account.filter(|_| geteuid().is_root()) {
        become_account(account).map_err(refused("change the user"))?;
    }
    clear_ambient_capability_set().map_err(refused("drop ambient capabilities"))?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).map_err(refused("drop its capabilities"))?;
    set_no_new_privs(true).map_err(refused("refuse new privileges"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused("hide its memory"))?;
    let nothing = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, nothing).map_err(refused("refuse core dumps"))
}

/// Empties the bounding set, and takes from root what it has by its number alone.
fn narrow() -> Result<(), Error> {
    for capability in CapabilitySet::all() {
        if capability_is_in_bounding_set(capability).unwrap_or(false) {
            remove_capability_from_bounding_set(capability)
                .map_err(refused("empty the bounding set"))?;
        }
    }
    let bits = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    set_capabilities_secure_bits(bits).map_err(refused("lock the secure bits"))
}

/// Changes the ids of this thread, which is the only one.
fn become_account(account: &Account) -> rustix::io::Result<()> {
    let groups: Vec<Gid> = account.groups.iter().map(|id| Gid::from_raw(*id)).collect();
    set_thread_groups(&groups)?;
    if let Some(own) = groups.first() {
        set_thread_res_gid(*own, *own, *own)?;
    }
    let user = Uid::from_raw(account.user);
    set_thread_res_uid(user, user, user)
}

fn refused(what: &'static str) -> impl FnOnce(Errno) -> Error {
    move |errno| Error::Refused {
        what,
        source: io::Error::from(errno),
    }
}
