//! When a record over a stream counts as taken.

use tokio::net::TcpListener;

use super::*;
use crate::Facility;
use crate::syslog::fixture::incident;

async fn listen() -> (TcpListener, StreamSink) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = Receiver {
        address: listener.local_addr().unwrap().to_string(),
        facility: Facility::Local0,
        max_bytes: 8192,
    };
    (listener, StreamSink::new(receiver, None))
}

/// Waits until the kernel knows that the peer ended the connection.
async fn until_ended(sink: &StreamSink) {
    while sink.connection.as_ref().is_some_and(Connection::stands) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_new_connection_does_not_begin_as_if_the_old_one_had_delivered() {
    let (listener, mut sink) = listen().await;
    sink.send(&[(Seq(1), incident())]).await.unwrap();
    drop(listener.accept().await.unwrap());
    until_ended(&sink).await;
    let error = sink.send(&[(Seq(2), incident())]).await.unwrap_err();
    assert!(
        matches!(error, SinkError::Closed { unsettled: 1, .. }),
        "{error}"
    );
    sink.send(&[(Seq(1), incident()), (Seq(2), incident())])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_peer_that_hangs_up_with_nothing_owed_is_no_failure() {
    let (listener, mut sink) = listen().await;
    sink.connection = Some(sink.connect().await.unwrap());
    drop(listener.accept().await.unwrap());
    until_ended(&sink).await;
    assert_eq!(sink.taken().await.unwrap(), None);
    assert!(sink.connection.is_none());
    sink.send(&[(Seq(1), incident())]).await.unwrap();
}

#[tokio::test]
async fn a_record_is_taken_when_the_connection_outlived_it() {
    let (listener, mut sink) = listen().await;
    sink.send(&[(Seq(1), incident())]).await.unwrap();
    let _peer = listener.accept().await.unwrap();
    let connection = sink.connection.as_mut().unwrap();
    while connection.socket.unacknowledged_bytes().unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    let (_, written) = connection.window[0];
    let check = |connection: &mut Connection, at: Instant, wanted: Option<Seq>| {
        let Settled::Upto(seq) = connection.settle(at) else {
            panic!("the connection stands")
        };
        assert_eq!(seq, wanted);
    };
    check(connection, written, None);
    check(
        connection,
        written + SETTLING - Duration::from_millis(1),
        None,
    );
    check(connection, written + SETTLING, Some(Seq(1)));
    check(connection, written + SETTLING, None);
}
