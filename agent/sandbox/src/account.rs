//! Who a process becomes: a local account, by its name.
//!
//! Read from `/etc/passwd` and `/etc/group` themselves: an account of a service is local, and
//! asking a directory service would open sockets before anything is given up.

use std::fs;

use crate::Error;

/// A user with its groups.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub user: u32,
    /// Its own group, then every other one that it is a member of.
    pub groups: Vec<u32>,
}

impl Account {
    /// The account of this machine with this name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let account = Self::within(name, &read("/etc/passwd"), &read("/etc/group"));
        account.ok_or_else(|| Error::NoUser(name.to_owned()))
    }

    /// The account in the texts of passwd(5) and group(5).
    fn within(name: &str, passwd: &str, group: &str) -> Option<Self> {
        let row = rows(passwd).find(|row| row.first() == Some(&name))?;
        let user = row.get(2)?.parse().ok()?;
        let own = row.get(3)?.parse().ok()?;
        let is_member = |row: &Vec<&str>| {
            row.get(3)
                .is_some_and(|all| all.split(',').any(|it| it == name))
        };
        let others = rows(group).filter(is_member);
        let others = others.filter_map(|row| row.get(2)?.parse::<u32>().ok());
        let mut groups = vec![own];
        groups.extend(others.filter(|group| *group != own));
        Some(Self {
            name: name.to_owned(),
            user,
            groups,
        })
    }
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.trim().split(':').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_own_group_and_those_it_is_a_member_of() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbulkhead:x:107:112::/:/usr/sbin/nologin\n";
        let group = "root:x:0:\nssl-cert:x:105:postgres,bulkhead\nbulkhead:x:112:\nadm:x:4:bulk\n";
        let account = Account::within("bulkhead", passwd, group).unwrap();
        assert_eq!((account.user, account.groups), (107, vec![112, 105]));
        assert_eq!(Account::within("nobody", passwd, group), None);
    }

    #[test]
    fn a_missing_account_is_told_with_what_to_do() {
        let said = Account::named("no-such-user").unwrap_err().to_string();
        assert!(
            said.contains("adduser --system --group no-such-user"),
            "{said}"
        );
    }
}
