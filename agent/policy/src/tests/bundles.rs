//! Bundles: what was signed is what is loaded, and nothing else is.

use std::path::Path;

use model::Timestamp;

use super::vocabulary::{WORDS, repository};
use crate::Policy;
use crate::bundle::{Bundle, BundleError, KeyError, PublicKey, SecretKey};

fn key() -> SecretKey {
    SecretKey::from_pem(&SecretKey::generate().unwrap()).unwrap()
}

const MADE: Timestamp = Timestamp::from_nanos(1_772_344_800_500_000_000);

/// A bundle of a policy in a folder of its own, whose site extends a template.
fn signed(key: &SecretKey) -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("sites/07");
    let template = folder.path().join("sites/_templates");
    std::fs::create_dir_all(&site).unwrap();
    std::fs::create_dir_all(&template).unwrap();
    let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
    write(
        &site.join("site.yaml"),
        "extends: ../_templates\nvariables: {site: \"07\"}",
    );
    write(
        &site.join("zones.yaml"),
        "zones: {ö: {owner: o, members: {vlan: 7}}}\n",
    );
    write(
        &template.join("water.yaml"),
        "version: 1\nparameters: {site: number}\nsite: {name: 'water ${site}', owner: o}\n",
    );
    let loaded = Policy::load(&site, &WORDS).unwrap();
    let version = loaded.policy.version().to_owned();
    (
        Bundle::sign(&loaded, &site, 42, MADE, key).unwrap(),
        version,
    )
}

#[test]
fn what_was_signed_is_what_is_loaded_and_can_be_read_by_a_person() {
    let key = key();
    let (bytes, version) = signed(&key);
    let bundle = Bundle::open(&bytes, &[self::key().public(), key.public()]).unwrap();
    assert_eq!((bundle.site.as_str(), bundle.number), ("water 07", 42));
    assert_eq!(
        (bundle.made.as_str(), bundle.key),
        ("2026-03-01T06:00:00Z", key.public().id())
    );
    let loaded = Policy::load_texts(&bundle.files, &bundle.path, &WORDS).unwrap();
    assert_eq!(
        (loaded.policy.site(), loaded.policy.version()),
        ("water 07", version.as_str())
    );
    assert_eq!(loaded.texts, bundle.files);

    let text = String::from_utf8(bytes).unwrap();
    let rest = text
        .split_once("ed25519 ")
        .unwrap()
        .1
        .split_once('\n')
        .unwrap()
        .1;
    let hashes = rest.split(' ').filter(|word| word.len() == 64);
    let rest = hashes.fold(rest.to_owned(), |rest, hash| rest.replace(hash, "HASH"));
    let expected = "site water 07\nversion 42\nmade 2026-03-01T06:00:00Z\npolicy 07\n\
        file HASH 46 07/site.yaml\nfile HASH 44 07/zones.yaml\nfile HASH 78 _templates/water.yaml\n\n\
        --- 07/site.yaml\nextends: ../_templates\nvariables: {site: \"07\"}\n\
        --- 07/zones.yaml\nzones: {ö: {owner: o, members: {vlan: 7}}}\n\n\
        --- _templates/water.yaml\nversion: 1\nparameters: {site: number}\n\
        site: {name: 'water ${site}', owner: o}\n\n";
    assert_eq!(rest, expected);
}

#[test]
fn a_bundle_of_which_any_byte_is_another_is_refused() {
    let key = key();
    let (bytes, _) = signed(&key);
    let keys = [key.public()];
    let check = |bytes: &[u8], place: usize| {
        assert!(Bundle::open(bytes, &keys).is_err(), "byte {place}");
    };
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            check(&changed, place);
        }
        check(&bytes[..place], place);
        let mut longer = bytes.clone();
        longer.insert(place, b'\n');
        check(&longer, place);
    }
    check(&[bytes.as_slice(), b"\n"].concat(), bytes.len());
    Bundle::open(&bytes, &keys).unwrap();
}

#[test]
fn a_bundle_of_another_key_is_refused_by_its_name() {
    let (theirs, ours) = (key(), key());
    let (bytes, _) = signed(&theirs);
    let refused = Bundle::open(&bytes, &[ours.public()]).unwrap_err();
    assert!(
        refused.to_string().contains(&theirs.public().id()),
        "{refused}"
    );
    assert!(matches!(
        Bundle::open(&bytes, &[]),
        Err(BundleError::UnknownKey { .. })
    ));
    // somebody writes the identifier of a trusted key over their own
    let text = String::from_utf8(bytes).unwrap();
    let forged = text.replace(&theirs.public().id(), &ours.public().id());
    let refused = Bundle::open(forged.as_bytes(), &[ours.public()]).unwrap_err();
    assert!(matches!(refused, BundleError::Tampered), "{refused}");
}

#[test]
fn what_cannot_be_carried_is_not_signed() {
    let policy = "version: 1\nsite: {name: \"a\\nb\", owner: o}\n";
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, text: &str, why: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let loaded = Policy::load(&path, &WORDS).unwrap();
        let refused = Bundle::sign(&loaded, &path, 1, MADE, &key()).unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    };
    check("a.yaml", policy, "a site's name is one line");
    check(
        "a\nb.yaml",
        &policy.replace("\\n", ""),
        "it is not printable",
    );
}

#[test]
fn a_signed_bundle_that_leaves_its_folder_is_refused() {
    let key = key();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    std::fs::write(&path, "version: 1\nsite: {name: s, owner: o}\n").unwrap();
    let good = Policy::load(&path, &WORDS).unwrap();
    let sound = Bundle::sign(&good, &path, 1, MADE, &key).unwrap();
    let check = |from: &str, to: &str| {
        let text = String::from_utf8(sound.clone()).unwrap();
        let (_, signed) = text.split_once("ed25519 ").unwrap();
        let signed = signed.split_once('\n').unwrap().1.replace(from, to);
        let bytes = crate::bundle::sign_text(&signed, &key);
        let refused = Bundle::open(&bytes, &[key.public()]).unwrap_err();
        assert!(!matches!(refused, BundleError::Tampered), "{refused}");
    };
    check("a.yaml", "../a.yaml");
    check("a.yaml", "/a.yaml");
    check("a.yaml", "b/./a.yaml");
    check("version 1", "version 01");
    check("version 1\nmade", "version one\nmade");
    check("owner: o", "owner: p");
    check("\n\n---", "\n---");
    check("site s\n", "");
}

#[test]
fn keys_are_read_as_they_were_written() {
    let pem = SecretKey::generate().unwrap();
    let public = SecretKey::from_pem(&pem).unwrap().public();
    assert_eq!(
        PublicKey::from_text(&format!("{}\n", public.to_text())),
        Ok(public)
    );
    assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
    assert_eq!(
        SecretKey::from_pem(&public.to_text()).unwrap_err(),
        KeyError::Secret
    );
    assert_eq!(PublicKey::from_text(&pem), Err(KeyError::Public));
    assert_eq!(PublicKey::from_text("AAAA"), Err(KeyError::Public));
    assert_ne!(pem, SecretKey::generate().unwrap());
}

#[test]
fn a_key_of_openssl_serves_too() {
    // RFC 8410, 10.3: the private key of the example, and its public key
    let pem = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    let public = SecretKey::from_pem(pem).unwrap().public();
    assert_eq!(
        public.to_text(),
        "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    );
}

#[test]
fn the_shipped_policy_can_be_bundled() {
    let path = repository("policies/plant");
    let loaded = Policy::load(&path, &WORDS).unwrap();
    let key = key();
    let bytes = Bundle::sign(&loaded, &path, 1, MADE, &key).unwrap();
    let bundle = Bundle::open(&bytes, &[key.public()]).unwrap();
    assert_eq!(bundle.path, Path::new("plant"));
    let again = bundle.load(&WORDS).unwrap();
    assert_eq!(again.policy.version(), loaded.policy.version());
}
