//! What a subscription tells belongs to the nodes that it watches.

use model::{Address, End};

use super::*;
use crate::Servers;

/// A conversation on an open channel, whose messages are numbered from 2 on: each request and its answer.
fn talk(exchanges: &[(Vec<u8>, Vec<u8>)]) -> Vec<(Direction, Vec<u8>)> {
    let mut conversation = greeting();
    for (place, (asked, answered)) in exchanges.iter().enumerate() {
        let number = place as u32 + 2;
        conversation.push((Forward, message("MSGF", number, asked)));
        conversation.push((Backward, message("MSGF", number, answered)));
    }
    conversation
}

fn subscribe(id: u32) -> (Vec<u8>, Vec<u8>) {
    let made = answer(790, &[number(id), vec![0; 16]]);
    (ask(787, &[vec![0; 22]]), made)
}

fn create(subscription: u32, items: &[(Vec<u8>, u32)], made: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let items: Vec<_> = items
        .iter()
        .map(|(node, handle)| monitor(node.clone(), *handle))
        .collect();
    let asked = ask(751, &[number(subscription), number(2), array(&items)]);
    (asked, answer(754, &[array(made), null()]))
}

fn publish(subscription: u32, sequence: u32, told: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let asked = ask(826, &[null()]);
    (asked, published(subscription, sequence, told))
}

fn two_pumps() -> Vec<(Vec<u8>, Vec<u8>)> {
    let items = [(named("Pump.Speed"), 4), (node(2, 8), 5)];
    let made = [monitored(GOOD, 31), monitored(GOOD, 32)];
    vec![subscribe(9), create(9, &items, &made)]
}

/// The nodes of the last message, and all anomalies.
fn told(more: Vec<(Vec<u8>, Vec<u8>)>) -> (Value, Vec<String>) {
    let exchanges = [two_pumps(), more].concat();
    let said = said(&talk(&exchanges));
    let strange = said.iter().filter_map(Value::as_str);
    let strange: Vec<_> = strange.map(str::to_owned).collect();
    let shown = said.iter().rfind(|it| it.is_object()).unwrap();
    (shown.clone(), strange)
}

#[test]
fn values_that_change_are_given_back_to_their_nodes() {
    let news = changed(&[(5, int(50)), (4, text("fast")), (77, int(1))]);
    let (shown, strange) = told(vec![publish(9, 1, &[news])]);
    check(
        &shown,
        &json!({"service": "PublishResponse", "targets": ["ns=2;i=8", "ns=2;s=Pump.Speed"],
            "subscription": {"id": 9, "sequence_number": 1, "more": false},
            "nodes": [
                {"id": "ns=2;i=8", "attribute": 13, "client_handle": 5, "value": 50, "status": "00000000"},
                {"id": "ns=2;s=Pump.Speed", "attribute": 13, "client_handle": 4, "value": "fast", "status": "00000000"},
                {"client_handle": 77, "value": 1, "status": "00000000"}]}),
    );
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn events_are_given_back_to_their_notifier() {
    let (shown, _) = told(vec![publish(9, 1, &[happened(&[(4, "door open")])])]);
    check(
        &shown,
        &json!({"nodes": [{"id": "ns=2;s=Pump.Speed", "attribute": 13, "client_handle": 4, "value": ["door open"]}]}),
    );
}

#[test]
fn of_an_item_that_was_not_created_only_the_number_is_told() {
    let failed = create(9, &[(node(2, 9), 6)], &[monitored(DENIED, 0)]);
    let news = changed(&[(6, int(1))]);
    let (shown, _) = told(vec![failed, publish(9, 1, std::slice::from_ref(&news))]);
    check(
        &shown,
        &json!({"targets": [], "nodes": [{"client_handle": 6, "value": 1, "status": "00000000"}]}),
    );
    let (shown, _) = told(vec![publish(10, 1, &[changed(&[(4, int(1))])])]);
    check(&shown, &json!({"targets": []}));
}

#[test]
fn a_number_that_two_items_have_belongs_to_neither() {
    let second = create(9, &[(node(2, 9), 4)], &[monitored(GOOD, 33)]);
    let (shown, _) = told(vec![second, publish(9, 1, &[changed(&[(4, int(1))])])]);
    check(&shown, &json!({"targets": []}));
}

#[test]
fn a_modified_item_has_its_new_number() {
    let asked = [number(31), monitoring(40)].concat();
    let modify = (
        ask(763, &[number(9), number(2), array(&[asked])]),
        answer(
            766,
            &[array(&[[number(GOOD), vec![0; 15]].concat()]), null()],
        ),
    );
    let (shown, _) = told(vec![modify.clone()]);
    check(
        &shown,
        &json!({"targets": ["ns=2;s=Pump.Speed"], "subscription": {"id": 9}, "nodes": [{"id": "ns=2;s=Pump.Speed", "attribute": 13,
            "monitored_item": 31, "client_handle": 40, "status": "00000000"}]}),
    );
    let news = changed(&[(40, int(1)), (4, int(2))]);
    let (shown, _) = told(vec![modify, publish(9, 1, &[news])]);
    check(&shown, &json!({"targets": ["ns=2;s=Pump.Speed"]}));
}

#[test]
fn deleted_items_and_subscriptions_are_forgotten() {
    let delete = (
        ask(781, &[number(9), numbers(&[31])]),
        answer(784, &[numbers(&[GOOD]), null()]),
    );
    let (shown, _) = told(vec![delete.clone()]);
    check(&shown, &json!({"targets": ["ns=2;s=Pump.Speed"]}));
    let news = changed(&[(4, int(1)), (5, int(2))]);
    let (shown, _) = told(vec![delete, publish(9, 1, std::slice::from_ref(&news))]);
    check(&shown, &json!({"targets": ["ns=2;i=8"]}));
    let end = (
        ask(847, &[numbers(&[9])]),
        answer(850, &[numbers(&[GOOD]), null()]),
    );
    let (shown, _) = told(vec![end, publish(9, 1, &[news])]);
    check(&shown, &json!({"targets": []}));
}

#[test]
fn a_subscription_that_the_server_ends_is_forgotten() {
    let over = envelope(820, &[number(0x800a_0000), vec![0]].concat());
    let news = changed(&[(4, int(1))]);
    let (shown, _) = told(vec![publish(9, 1, &[over]), publish(9, 2, &[news])]);
    check(&shown, &json!({"targets": []}));
}

#[test]
fn a_closed_session_takes_its_subscriptions_along_where_it_says_so() {
    let news = changed(&[(4, int(1))]);
    let check = |flag: u8, want: Value| {
        let close = (ask(473, &[vec![flag]]), answer(476, &[]));
        let (shown, _) = told(vec![close, publish(9, 1, std::slice::from_ref(&news))]);
        check(&shown, &json!({"targets": want}));
    };
    check(1, json!([]));
    check(0, json!(["ns=2;s=Pump.Speed"]));
}

#[test]
fn modes_and_triggers_name_the_nodes_of_their_items() {
    let mode = (
        ask(769, &[number(9), number(0), numbers(&[32])]),
        answer(772, &[numbers(&[GOOD]), null()]),
    );
    let (shown, _) = told(vec![mode]);
    check(&shown, &json!({"targets": ["ns=2;i=8"]}));
    let trigger = (
        ask(
            775,
            &[number(9), number(31), numbers(&[32]), numbers(&[31])],
        ),
        answer(778, &[numbers(&[GOOD]), null(), numbers(&[DENIED]), null()]),
    );
    let (shown, _) = told(vec![trigger]);
    check(
        &shown,
        &json!({"nodes": [
            {"id": "ns=2;i=8", "attribute": 13, "monitored_item": 32, "status": "00000000"},
            {"id": "ns=2;s=Pump.Speed", "attribute": 13, "monitored_item": 31, "status": "801f0000"}]}),
    );
}

#[test]
fn a_notification_that_is_missing_breaks_the_sequence_and_a_keep_alive_does_not() {
    let news = || vec![changed(&[(4, int(1))])];
    let check = |numbers: &[(u32, Vec<Vec<u8>>)], want: &[&str]| {
        let more = numbers
            .iter()
            .map(|(number, told)| publish(9, *number, told));
        let (_, strange) = told(more.collect());
        assert_eq!(strange, want);
    };
    check(&[(1, news()), (2, vec![]), (2, news()), (3, news())], &[]);
    check(&[(1, vec![]), (1, news())], &[]);
    let lost = "Anomaly(Anomaly { kind: SequenceBreak, expected: 2, found: 4 })";
    check(&[(1, news()), (4, news()), (5, news())], &[lost]);
}

#[test]
fn republished_values_are_given_back_to_their_nodes() {
    let message = [number(1), vec![0; 8], array(&[changed(&[(4, int(1))])])];
    let again = (ask(832, &[number(9), number(1)]), answer(835, &message));
    let (shown, strange) = told(vec![again]);
    check(
        &shown,
        &json!({"targets": ["ns=2;s=Pump.Speed"], "subscription": {"id": 9, "sequence_number": 1}}),
    );
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn a_request_for_thousands_of_items_is_remembered_until_its_answer() {
    let many: Vec<_> = (0..2_000)
        .map(|id| (node(3, id), 1_000 + u32::from(id)))
        .collect();
    let made: Vec<_> = (0..2_000).map(|id| monitored(GOOD, 5_000 + id)).collect();
    let news = changed(&[(2_999, int(1))]);
    let (shown, strange) = told(vec![create(9, &many, &made), publish(9, 1, &[news])]);
    check(&shown, &json!({"targets": ["ns=3;i=1999"]}));
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn more_items_than_the_limit_are_told_by_number_and_said() {
    let limits = Limits {
        monitored_items: 1,
        ..Limits::default()
    };
    let conversation =
        talk(&[two_pumps(), vec![publish(9, 1, &[changed(&[(5, int(1))])])]].concat());
    let mut decoder = Session::new(&limits);
    let mut heard = Vec::new();
    for (from, bytes) in &conversation {
        let say = &mut |said: Said<'_>| heard.push(show(&said));
        decoder.feed(Stamp::default(), *from, bytes, say);
    }
    assert!(heard.contains(&json!(
        "Anomaly(Anomaly { kind: PendingOverflow, expected: 1, found: 2 })"
    )));
    check(heard.last().unwrap(), &json!({"targets": []}));
}

fn end(address: [u8; 4], port: u16) -> End {
    End {
        address: Address::Ip(address.into()),
        port,
    }
}

/// The last thing that is said in a connection from this port to this server.
fn last_between(
    servers: &Servers,
    server: [u8; 4],
    port: u16,
    exchanges: &[(Vec<u8>, Vec<u8>)],
) -> Value {
    let mut decoder = Session::new(&Limits::default());
    decoder.join(servers, [end([10, 0, 0, 1], port), end(server, 4840)]);
    let mut heard = Vec::new();
    for (from, bytes) in talk(exchanges) {
        decoder.feed(Stamp::default(), from, &bytes, &mut |said| {
            heard.push(show(&said))
        });
    }
    heard.pop().unwrap()
}

/// A subscription is handed to the session of another connection.
fn transfer(subscription: u32, result: u32) -> (Vec<u8>, Vec<u8>) {
    let asked = ask(841, &[numbers(&[subscription]), vec![0]]);
    let result = [number(result), null()].concat();
    (asked, answer(844, &[array(&[result]), null()]))
}

#[test]
fn a_subscription_that_is_transferred_takes_its_nodes_to_the_other_connection() {
    const SERVER: [u8; 4] = [10, 0, 0, 2];
    let news = || publish(9, 5, &[changed(&[(5, int(50))])]);
    let delete = (
        ask(847, &[numbers(&[9])]),
        answer(850, &[numbers(&[GOOD]), null()]),
    );
    let anew = [subscribe(9), create(9, &[], &[])];
    let known = json!({"targets": ["ns=2;i=8"]});
    let unknown = json!({"targets": []});
    let after = |more: &[(Vec<u8>, Vec<u8>)], server, result| {
        let servers = Servers::default();
        last_between(&servers, SERVER, 1000, &[&two_pumps(), more].concat());
        last_between(&servers, server, 1001, &[transfer(9, result), news()])
    };
    check(&after(&[], SERVER, GOOD), &known);
    check(&after(&[], SERVER, DENIED), &unknown);
    check(&after(&[], [10, 0, 0, 3], GOOD), &unknown);
    check(&after(&[delete], SERVER, GOOD), &unknown);
    check(&after(&anew, SERVER, GOOD), &unknown);
}

#[test]
fn a_session_that_goes_on_in_another_connection_takes_its_subscriptions_along() {
    const SERVER: [u8; 4] = [10, 0, 0, 2];
    let news = || publish(9, 5, &[changed(&[(5, int(50))])]);
    let back = || (activate_session("eve"), activated_session(GOOD));
    let refused = || (activate_session("eve"), activated_session(DENIED));
    let after = |server, exchanges: &[(Vec<u8>, Vec<u8>)]| {
        let servers = Servers::default();
        last_between(&servers, SERVER, 1000, &two_pumps());
        last_between(&servers, server, 1001, exchanges)
    };
    let known = json!({"targets": ["ns=2;i=8"]});
    let unknown = json!({"targets": []});
    check(&after(SERVER, &[back(), news()]), &known);
    check(&after(SERVER, &[news()]), &unknown);
    check(&after(SERVER, &[refused(), news()]), &unknown);
    check(&after([10, 0, 0, 3], &[back(), news()]), &unknown);
}

#[test]
fn of_a_server_with_too_many_subscriptions_the_oldest_are_forgotten() {
    let servers = Servers::default();
    for start in [9, 1000] {
        let item = |id| create(id, &[(node(2, id as u16), 4)], &[monitored(GOOD, 31)]);
        let exchanges: Vec<_> = (start..start + 60)
            .flat_map(|id| [subscribe(id), item(id)])
            .collect();
        last_between(&servers, [10, 0, 0, 2], start as u16, &exchanges);
    }
    let told = |id| {
        let exchanges = [
            transfer(id, GOOD),
            publish(id, 5, &[changed(&[(4, int(50))])]),
        ];
        last_between(&servers, [10, 0, 0, 2], 99, &exchanges)
    };
    check(&told(28), &json!({"targets": []}));
    check(&told(29), &json!({"targets": ["ns=2;i=29"]}));
    check(&told(1059), &json!({"targets": ["ns=2;i=1059"]}));
}
